"""Eight people on one paper: in any order, days apart, each in their own place and nobody in another's."""

import asyncio
import hashlib
import io
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import read_certification_data

from signing.adapters.documents import PaperDocuments
from signing.adapters.signer import LocalSigner, customer, open_signer
from signing.adapters.signer.customer import read_binding
from signing.domain.errors import TamperError
from signing.domain.party import Party, Role
from signing.service.ports import Frozen, SignedRevision, SigningContext
from tests.paper import BORROWER, INSTITUTION, case, signing_context

PEOPLE = (
    BORROWER,
    Party("pty_2", Role.CO_BORROWER, "李秀英", "11010519491231002X", "13800138001"),
    *(
        Party(f"pty_{number}", Role.CO_BORROWER, f"{name}大山", "11010519491231002X", f"1380013800{number}")
        for number, name in enumerate("丁王田李张陈", 3)
    ),
)
ORDER = (5, 0, 7, 2, 1, 6, 3, 4)
"""A co-borrower begins, and the borrower is neither first nor last."""


class _Calendar:
    """Goes on by as many days as a signer stays away."""

    def __init__(self) -> None:
        self.today = datetime.now(UTC) - timedelta(days=20)

    def now(self) -> datetime:
        return self.today


@dataclass(frozen=True)
class Signed:
    signer: LocalSigner
    frozen: Frozen
    revisions: tuple[SignedRevision, ...]
    contexts: tuple[SigningContext, ...]
    sealed: bytes
    now: datetime


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    return asyncio.run(_make(tmp_path_factory.mktemp("pki")))


async def _make(folder: Path) -> Signed:
    calendar = _Calendar()
    signer = open_signer(folder, calendar)
    frozen = PaperDocuments().generate(case(*PEOPLE), INSTITUTION, calendar.now())[-1]
    assert len(frozen.fields) == 8
    pdf, revisions, contexts = frozen.pdf, [], []
    for place in ORDER:
        calendar.today += timedelta(days=2, hours=3)
        context = replace(
            signing_context(frozen, PEOPLE[place], calendar.now()),
            session_id=f"ses_{place}",
            identity_event_sha256=hashlib.sha256(b"%d" % place).hexdigest(),
        )
        revisions.append(await signer.sign_as_customer(pdf, context))
        contexts.append(context)
        pdf = revisions[-1].pdf
    calendar.today += timedelta(days=1)
    sealed = await signer.seal(pdf, INSTITUTION, calendar.now(), "全部当事人已签署")
    return Signed(signer, frozen, tuple(revisions), tuple(contexts), sealed, calendar.now())


def test_all_eight_stand_and_each_says_when(signed: Signed) -> None:
    verdict = signed.signer.inspect(signed.sealed)
    assert verdict.ok, verdict
    names = [PEOPLE[place].name for place in ORDER]
    assert [one.signer for one in verdict.signatures[:-1]] == names
    moments = [one.at for one in verdict.signatures if one.at is not None]
    assert len(moments) == 9
    assert all(after - before >= timedelta(days=1) for before, after in pairwise(moments))


def test_poppler_finds_all_nine_valid(signed: Signed, tmp_path: Path, nss_of: Callable[[LocalSigner], Path]) -> None:
    path = tmp_path / "eight.pdf"
    path.write_bytes(signed.sealed)
    command = ["pdfsig", "-nssdir", f"sql:{nss_of(signed.signer)}", str(path)]
    text = subprocess.run(command, capture_output=True, text=True).stdout
    assert text.count("Signature is Valid.") == 9, text
    assert text.count("Certificate is Trusted.") == 9, text


def test_every_revision_stays_and_is_valid_by_itself(signed: Signed) -> None:
    chain = [signed.frozen.pdf, *(one.pdf for one in signed.revisions), signed.sealed]
    assert all(after.startswith(before) for before, after in pairwise(chain))
    for count, revision in enumerate(signed.revisions, 1):
        verdict = signed.signer.inspect(revision.pdf)
        assert verdict.ok, verdict
        assert len(verdict.signatures) == count


def test_whoever_is_first_certifies_and_nobody_after_them(signed: Signed) -> None:
    reader = PdfFileReader(io.BytesIO(signed.sealed))
    certification = read_certification_data(reader)
    assert certification is not None
    assert certification.permission.value == 2
    certifying = [embedded.field_name for embedded in reader.embedded_regular_signatures if embedded.docmdp_level]
    assert certifying[:1] == [signed.contexts[0].field]


def test_each_certificate_says_whose_where_and_what(signed: Signed) -> None:
    frozen = hashlib.sha256(signed.frozen.pdf).digest()
    for revision, context in zip(signed.revisions, signed.contexts, strict=True):
        bound = read_binding(revision.certificate_der)
        assert bound["field_name"] == context.field == signed.frozen.fields[context.party.party_id]
        assert bound["document_digest"] == frozen
        assert bound["session_id"] == context.session_id
        assert bound["identity_event"] == bytes.fromhex(context.identity_event_sha256)
    assert len({one.certificate_der for one in signed.revisions}) == 8


def test_keys_are_destroyed_one_after_the_other(signed: Signed) -> None:
    ends = [one.key_destroyed_at for one in signed.revisions]
    assert all(end >= context.at for end, context in zip(ends, signed.contexts, strict=True))
    assert ends == sorted(ends)


async def test_nobody_signs_in_anybody_elses_place(signed: Signed) -> None:
    """Every wrong pairing of a person and a place, on the untouched paper and where half have signed."""
    places = [*signed.frozen.fields.values(), "seal_institution", "straddle_1_1_2", "sign_nobody_9"]
    for owner in PEOPLE:
        context = signing_context(signed.frozen, owner, signed.now)
        for field in set(places) - {context.field}:
            for pdf in (signed.frozen.pdf, signed.revisions[3].pdf):
                with pytest.raises(TamperError, match="不属于"):
                    await signed.signer.sign_as_customer(pdf, replace(context, field=field))


async def test_a_stranger_has_no_place_at_all(signed: Signed) -> None:
    stranger = Party("pty_9", Role.GUARANTOR, "赵大海", "11010519491231002X", "13800138009")
    for field in signed.frozen.fields.values():
        context = replace(signed.contexts[0], party=stranger, field=field)
        with pytest.raises(TamperError, match="不属于"):
            await signed.signer.sign_as_customer(signed.frozen.pdf, context)


async def test_a_place_taken_by_somebody_elses_certificate_is_seen(
    signed: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the signer's own guard was got round: the certificate names the place it was made for."""
    wrong = replace(signed.contexts[0], field=signed.frozen.fields["pty_2"])
    real = customer.bind
    monkeypatch.setattr(customer, "_require_own", lambda context: None)
    monkeypatch.setattr(customer, "bind", lambda context: real(signed.contexts[0]))
    forged = await signed.signer.sign_as_customer(signed.frozen.pdf, wrong)
    verdict = signed.signer.inspect(forged.pdf)
    assert not verdict.ok
    assert "签名位置" in verdict.detail


async def test_a_certificate_of_another_paper_is_seen(signed: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(signed.contexts[0].document, revisions=("00" * 32,))
    real = customer.bind
    monkeypatch.setattr(customer, "bind", lambda context: real(replace(context, document=other)))
    forged = await signed.signer.sign_as_customer(signed.frozen.pdf, signed.contexts[0])
    verdict = signed.signer.inspect(forged.pdf)
    assert not verdict.ok
    assert "另一份文书" in verdict.detail
