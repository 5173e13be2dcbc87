"""The proof that a case is in the service-wide log."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from signing.domain.ledger import canonical, leaf_hash, verify_chain
from signing.evidence.core.log import INCLUSION, checkpoint_text, inclusion_file, log_entry
from signing.evidence.package import AsicPackageBuilder
from signing.evidence.verify import verify_package
from signing.service.ports import EvidenceParts
from signing.wire.audit import Verdict, VerificationReport
from tests.fakes.notary import Notary
from tests.unit.evidence.samples import parts_of

OTHERS = [leaf_hash(log_entry(f"case_{number}", 9, "ab" * 32)) for number in range(6)]


async def proven(notary: Notary, parts: EvidenceParts) -> bytes:
    entry = log_entry("case_1", len(parts.events), verify_chain(parts.events))
    leaves = [*OTHERS[:3], leaf_hash(entry), *OTHERS[3:]]
    text = checkpoint_text("pingqian.example/log", leaves)
    signature = (await notary.sign_evidence(text)).der
    token = await notary.timestamp(hashlib.sha256(text).digest())
    return inclusion_file(entry, 3, leaves, text, signature, token)


def report_with(notary: Notary, proof: bytes) -> VerificationReport:
    parts = parts_of()
    parts = EvidenceParts(parts.case_json, parts.events, {**parts.files, INCLUSION: proof})
    package = asyncio.run(AsicPackageBuilder(notary).build(parts, datetime.now(UTC)))
    return verify_package(package, notary.trust_pem())


@pytest.fixture(scope="module")
def proof(notary: Notary) -> bytes:
    return asyncio.run(proven(notary, parts_of()))


def fresh(notary: Notary) -> tuple[EvidenceParts, bytes]:
    parts = parts_of()
    return parts, asyncio.run(proven(notary, parts))


def judged(notary: Notary, change: Mapping[str, object]) -> VerificationReport:
    parts, data = fresh(notary)
    changed = canonical(json.loads(data) | change)
    files = {**parts.files, INCLUSION: changed}
    built = AsicPackageBuilder(notary).build(EvidenceParts(parts.case_json, parts.events, files), datetime.now(UTC))
    return verify_package(asyncio.run(built), notary.trust_pem())


def test_a_package_proves_its_place_in_the_log(notary: Notary) -> None:
    report = judged(notary, {})
    assert (report.verdict, report.signatures, report.timestamps) == (Verdict.VALID, 2, 2)
    assert report.not_checked == []


@pytest.mark.parametrize(
    "change",
    [
        {"leaf_index": 2},
        {"tree_size": 8},
        {"path": []},
        {"entry": {"case_id": "case_1", "events": 6, "head": "00" * 32}},
        {"checkpoint": "pingqian.example/log\n7\nAAAA\n"},
        {"checkpoint": "x"},
        {"signature": ""},
        {"timestamp": base64.b64encode(b"0\x03\x02\x01\x01").decode()},
        {"more": 1},
        {"path": "abcd"},
        {"leaf_index": "3"},
        {"entry": None},
    ],
)
def test_a_false_proof_is_named(notary: Notary, change: Mapping[str, object]) -> None:
    report = judged(notary, change)
    assert (report.verdict, report.first_bad_item) == (Verdict.ALTERED, INCLUSION)


def test_the_proof_of_another_case_does_not_count(notary: Notary, proof: bytes) -> None:
    assert report_with(notary, proof).first_bad_item == INCLUSION


def test_an_origin_is_one_line() -> None:
    with pytest.raises(ValueError):
        checkpoint_text("a\nb", OTHERS)
