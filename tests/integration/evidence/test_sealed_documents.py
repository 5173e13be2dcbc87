"""Packages of the service's own signer: documents, their signatures, and what the certificates are bound to."""

import asyncio
import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from signing import cli
from signing.adapters.clock import SystemClock
from signing.adapters.documents import PaperDocuments
from signing.adapters.signer import LocalSigner
from signing.adapters.signer.judging import judge_pdf
from signing.domain.errors import InputError
from signing.domain.ledger import canonical
from signing.domain.readable import whole_of
from signing.evidence.bundle import standalone_verifier
from signing.evidence.core.book import Book, Mismatch
from signing.evidence.core.container import pack
from signing.evidence.core.manifest import CLOSING
from signing.evidence.core.pdf import check_pdf
from signing.evidence.core.trust import Trust, read_roots
from signing.evidence.verify import LibraryCrypto, judge_package, verify_package
from signing.service.ports import EvidenceParts
from signing.wire.audit import Verdict
from tests.integration.evidence.sealed import build, events_of, open_signer, sealed_parts
from tests.paper import BORROWER, INSTITUTION, case, signing_context
from tests.unit.evidence.samples import entries_of, sha

PDF = "documents/doc_1.pdf"


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> LocalSigner:
    return open_signer(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def parts(signer: LocalSigner) -> EvidenceParts:
    return asyncio.run(sealed_parts(signer))


@pytest.fixture(scope="module")
def package(signer: LocalSigner, parts: EvidenceParts) -> bytes:
    return asyncio.run(build(signer, parts))


def test_every_signature_and_time_stamp_is_counted(package: bytes, signer: LocalSigner) -> None:
    report = verify_package(package, signer.trust_pem(), signer.inspect)
    assert (report.verdict, report.headline[:3], report.not_checked) == (Verdict.VALID, "已验证", [])
    # Manifest, log, and a customer and an institution on each of two documents, which end in an archive time-stamp.
    assert (report.signatures, report.timestamps) == (1 + 1 + 2 * 2, 1 + 1 + 2 * 3)
    assert {item.name for item in report.items} == set(entries_of(package))
    details = {item.name: item.detail for item in report.items}
    assert "2 个签名有效，其中 1 个一次性证书绑定无误" in details[PDF]


def test_the_command_checks_documents_with_the_pdf_library(
    package: bytes, signer: LocalSigner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.asice").write_bytes(package)
    (tmp_path / "root.pem").write_bytes(signer.trust_pem())
    assert cli.main(["verify", str(tmp_path / "p.asice"), "--json", "--trust", str(tmp_path / "root.pem")]) == 0
    assert json.loads(capsys.readouterr().out)["not_checked"] == []
    assert cli.main(["verify", str(tmp_path / "p.asice")]) == 0
    assert "根证书取自包内" in capsys.readouterr().out


def test_the_packed_program_checks_documents_too(package: bytes, tmp_path: Path) -> None:
    (tmp_path / "verify.py").write_bytes(entries_of(package)["verify.py"])
    (tmp_path / "p.asice").write_bytes(package)
    program = [sys.executable, "-I", "-S", "verify.py", "p.asice", "--json"]
    env = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(program, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert (said["signatures"], said["timestamps"]) == (6, 8)
    assert len(said["not_checked"]) == 2


@pytest.fixture(scope="module")
def bare(signer: LocalSigner) -> bytes:
    """Without documents, so that each try is quick."""

    async def make() -> bytes:
        return await build(signer, await sealed_parts(signer, documents=0))

    return asyncio.run(make())


@pytest.mark.parametrize("name", CLOSING)
def test_no_byte_of_the_closing_can_change(bare: bytes, signer: LocalSigner, name: str) -> None:
    entries = entries_of(bare)
    assert judge_package(bare, signer.trust_pem()).verdict == "valid"
    chance, size = random.Random(name), len(entries[name])
    for place in sorted(chance.sample(range(size), 60)):
        changed = bytearray(entries[name])
        changed[place] ^= 1 << chance.randrange(8)
        judgement = judge_package(pack(entries | {name: bytes(changed)}), signer.trust_pem())
        assert (judgement.verdict, judgement.first_bad_item) == ("altered", name), place


def test_a_changed_document_is_named(package: bytes, signer: LocalSigner) -> None:
    entries = entries_of(package)
    chance = random.Random(5)
    for place in chance.sample(range(len(entries[PDF])), 12):
        changed = bytearray(entries[PDF])
        changed[place] ^= 1 << chance.randrange(8)
        judgement = judge_package(pack(entries | {PDF: bytes(changed)}), signer.trust_pem())
        assert (judgement.verdict, judgement.first_bad_item) == ("altered", PDF), place


# What somebody with the service's evidence key, but without the customers' keys, could build.

Forge = Callable[[EvidenceParts], EvidenceParts]


def bodies_of(parts: EvidenceParts) -> list[dict[str, object]]:
    return [json.loads(line)["body"] for line in parts.events]


def with_document(change: Callable[[bytes], bytes]) -> Forge:
    """Another PDF, and events that say it was so."""

    def forge(parts: EvidenceParts) -> EvidenceParts:
        signed = whole_of(parts.files[PDF])
        pdf = change(signed)
        before, after = sha(signed), sha(pdf)
        bodies = [json.loads(json.dumps(body).replace(before, after)) for body in bodies_of(parts)]
        return rechained(parts, bodies, {PDF: pdf})

    return forge


def rechained(parts: EvidenceParts, bodies: list[dict[str, object]], files: dict[str, bytes]) -> EvidenceParts:
    at = datetime.fromisoformat(json.loads(parts.events[0])["at"])
    left = {name: data for name, data in parts.files.items() if not name.startswith("log/")}
    return EvidenceParts(parts.case_json, events_of(bodies, at), left | files)


def with_other_text(pdf: bytes) -> bytes:
    """A byte of a content stream inside the part that is signed."""
    at = pdf.index(b"stream\n") + 40
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


def with_appendix(pdf: bytes) -> bytes:
    return pdf + b"\n% more\n%%EOF\n"


def without_signatures(pdf: bytes) -> bytes:
    return pdf[: pdf.index(b"%%EOF") + 6]


def with_blank_signature(pdf: bytes) -> bytes:
    found = re.search(rb"/Contents <([0-9A-F]{200})", pdf)
    assert found is not None
    at = found.start(1) + 150
    return pdf[:at] + b"00000000" + pdf[at + 8 :]


def with_body(key: str, value: str) -> Forge:
    def forge(parts: EvidenceParts) -> EvidenceParts:
        bodies = [body | {key: value} if key in body else body for body in bodies_of(parts)]
        return rechained(parts, bodies, {})

    return forge


@pytest.mark.parametrize(
    "forge",
    [
        with_document(with_other_text),
        with_document(with_appendix),
        with_document(without_signatures),
        with_document(with_blank_signature),
        with_body("certificate_sha256", "22" * 32),
        with_body("binding", "33" * 32),
        with_body("frozen_sha256", "44" * 32),
    ],
)
def test_a_document_must_agree_with_its_signatures(forge: Forge, parts: EvidenceParts, signer: LocalSigner) -> None:
    forged = asyncio.run(build(signer, forge(parts)))
    judgement = judge_package(forged, signer.trust_pem(), signer.inspect)
    assert (judgement.verdict, judgement.first_bad_item) == ("altered", PDF), judgement.headline


def test_a_certificate_is_bound_to_the_identity_check_of_its_case(parts: EvidenceParts, signer: LocalSigner) -> None:
    bodies: list[dict[str, object]] = [
        {"party_id": "party_2"} if body == {"party_id": "party_1"} else body for body in bodies_of(parts)
    ]
    forged = asyncio.run(build(signer, rechained(parts, bodies, {})))
    judgement = judge_package(forged, signer.trust_pem())
    assert judgement.first_bad_item == PDF
    assert "身份核验" in judgement.headline


def test_a_certificate_is_bound_to_its_case(parts: EvidenceParts, signer: LocalSigner) -> None:
    case_json = canonical({"case": {"case_id": "case_1", "case_no": "SH2026-0002"}})
    bodies = [body | {"case_sha256": sha(case_json)} if "case_sha256" in body else body for body in bodies_of(parts)]
    moved = rechained(parts, bodies, {})
    forged = asyncio.run(build(signer, EvidenceParts(case_json, moved.events, moved.files)))
    judgement = judge_package(forged, signer.trust_pem())
    assert judgement.first_bad_item == PDF
    assert "另一笔业务" in judgement.headline


def test_a_certificate_is_bound_to_the_identity_of_its_own_signer(parts: EvidenceParts, signer: LocalSigner) -> None:
    bodies = [body | {"party_id": "party_2"} if "binding" in body else body for body in bodies_of(parts)]
    forged = asyncio.run(build(signer, rechained(parts, bodies, {})))
    judgement = judge_package(forged, signer.trust_pem())
    assert judgement.first_bad_item == PDF
    assert "另一个人" in judgement.headline


def test_a_certificate_is_not_bound_to_just_any_event(signer: LocalSigner) -> None:
    parts = asyncio.run(sealed_parts(signer, 1, "identity.rejected"))
    judgement = judge_package(asyncio.run(build(signer, parts)), signer.trust_pem())
    assert judgement.verdict == "altered"
    assert "没有通过" in judgement.headline


def test_a_one_time_certificate_is_not_good_for_years(tmp_path: Path) -> None:
    """Its key is destroyed; a signature that is time-stamped days after its issue was not made in the session."""
    signer, now = open_signer(tmp_path), SystemClock().now()
    frozen = PaperDocuments().generate(case(), INSTITUTION, now)[0]
    for late, sound in ((timedelta(0), True), (timedelta(days=2), False)):
        context = signing_context(frozen, BORROWER, now - late)
        pdf = asyncio.run(signer.sign_as_customer(frozen.pdf, context)).pdf
        roots = tuple(read_roots(signer.trust_pem()))
        trust = Trust(roots, (), (), LibraryCrypto())
        with nullcontext() if sound else pytest.raises(Mismatch, match="一天以后"):
            check_pdf(pdf, trust, Book())


def trust_file_with_key(signer: LocalSigner) -> bytes:
    """As an authority keeps it: the encrypted private key beside the certificate."""
    form = (Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase"))
    return signer.trust_pem() + ec.generate_private_key(ec.SECP256R1()).private_bytes(*form)


def test_a_key_in_the_trust_file_says_nothing_against_a_package(
    package: bytes, signer: LocalSigner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "case.asice").write_bytes(package)
    trust = tmp_path / "root.pem"
    trust.write_bytes(trust_file_with_key(signer))
    assert cli.main(["verify", str(tmp_path / "case.asice"), "--trust", str(trust)]) == 0
    assert "根证书取自包内" not in capsys.readouterr().out
    assert judge_pdf(entries_of(package)[PDF], trust.read_bytes(), SystemClock().now()).ok
    (tmp_path / "verify.py").write_bytes(standalone_verifier())
    command = [sys.executable, "-I", str(tmp_path / "verify.py"), str(tmp_path / "case.asice"), "--trust", str(trust)]
    alone = subprocess.run(command, capture_output=True, text=True, check=False)
    assert alone.returncode == 0, alone.stdout


@pytest.mark.parametrize("block", ["", "MIIB", "not base 64!"])
def test_a_trust_file_without_a_root_is_no_verdict(
    block: str, package: bytes, signer: LocalSigner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = trust_file_with_key(signer).removeprefix(signer.trust_pem())
    bad = f"-----BEGIN CERTIFICATE-----\n{block}\n-----END CERTIFICATE-----\n".encode() if block else b""
    (tmp_path / "case.asice").write_bytes(package)
    (tmp_path / "root.pem").write_bytes(key + bad)
    assert cli.main(["verify", str(tmp_path / "case.asice"), "--trust", str(tmp_path / "root.pem")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "没有可用的根证书" in err
    with pytest.raises(InputError, match="没有可用的根证书"):
        verify_package(package, signer.trust_pem(), lambda pdf, at: judge_pdf(pdf, key + bad, at))
