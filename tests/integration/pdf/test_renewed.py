"""A paper whose archive time-stamp was renewed: named as that, each time-stamp judged at the time of the next."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko_certvalidator import ValidationContext

from signing.adapters.pki.authority import Authority
from signing.adapters.pki.certificates import revocation_list
from signing.adapters.pki.tsa import TimestampAuthority, to_asn1
from signing.adapters.signer import LocalSigner, open_signer
from signing.adapters.signer.archive import archived
from signing.adapters.signer.keys import BuiltInTimeStamper
from signing.adapters.signer.revisions import judge_paper
from signing.service.pdf_report import PaperReport, PaperVerdict
from tests.integration.pdf.conftest import Loan
from tests.paper import BORROWER, INSTITUTION, case, signing_context

YEAR = timedelta(days=365)


def lists_of(own: Authority, at: datetime) -> list[bytes]:
    return [one.public_bytes(Encoding.DER) for one in own.revocation_lists(at).values()]


def renew(pdf: bytes, signer: LocalSigner, at: datetime) -> bytes:
    """One more archive time-stamp, by whoever stamps at that time."""
    own = signer._authority
    identity, above = own.stamper(at)
    context = ValidationContext(
        trust_roots=[to_asn1(root) for root in own.roots()],
        other_certs=[to_asn1(one) for one in above],
        crls=lists_of(own, at),
        moment=at,
        allow_fetching=False,
        revocation_mode="hard-fail",
    )
    stamper = BuiltInTimeStamper(TimestampAuthority(identity, above[:1]), lambda: at)
    return asyncio.run(archived(pdf, [], stamper, context))


@pytest.fixture(scope="module")
def made(loan: Loan) -> datetime:
    return loan.signer._clock.now()


@pytest.fixture(scope="module")
def ours(loan: Loan, tmp_path_factory: pytest.TempPathFactory) -> Loan:
    """Its authority gets successors in these tests, so that it is not the one that others look at."""
    from tests.integration.pdf.conftest import _make

    return asyncio.run(_make(tmp_path_factory.mktemp("renewed")))


@pytest.fixture(scope="module")
def twice(ours: Loan, made: datetime) -> bytes:
    return renew(renew(ours.sealed, ours.signer, made + 9 * YEAR), ours.signer, made + 14 * YEAR)


def judged(ours: Loan, pdf: bytes, at: datetime, known: bytes = b"") -> PaperReport:
    digest = hashlib.sha256(known).hexdigest() if known else ""
    return judge_paper(pdf, ours.signer.trust_pem(), at, lists_of(ours.signer._authority, at), digest)


def test_a_renewal_is_named_as_one_and_holds_where_the_first_time_stamp_is_over(
    ours: Loan, twice: bytes, made: datetime
) -> None:
    once = renew(ours.sealed, ours.signer, made + 9 * YEAR)
    report = judged(ours, once, made + 12 * YEAR)
    assert report.verdict is PaperVerdict.VALID, report.headline
    assert [one.kind_title for one in report.revisions][-2:] == ["归档时间戳", "归档时间戳续期"]
    assert "归档时间戳 2（续期 1 次）" in report.headline
    later = judged(ours, twice, made + 19.5 * YEAR)
    assert later.verdict is PaperVerdict.VALID, later.headline
    assert report.revisions[-2].since == "补入核验资料或归档时间戳"


def test_at_twenty_years_under_the_second_root(ours: Loan, twice: bytes, made: datetime) -> None:
    third = renew(twice, ours.signer, made + 19 * YEAR)
    report = judged(ours, third, made + 20 * YEAR)
    assert report.verdict is PaperVerdict.VALID, report.headline
    assert len(ours.signer._authority.roots()) == 2


def test_without_a_renewal_it_says_that_its_time_stamp_is_over(ours: Loan, made: datetime) -> None:
    report = judged(ours, ours.sealed, made + 12 * YEAR)
    assert (report.verdict, report.faults) == (PaperVerdict.INCOMPLETE, ())
    assert "证书已经到期，之后没有续期" in report.headline
    assert judged(ours, ours.sealed, made + 8 * YEAR).verdict is PaperVerdict.VALID


def test_a_renewal_after_the_end_does_not_bring_it_back(ours: Loan, made: datetime) -> None:
    late = renew(ours.sealed, ours.signer, made + 11 * YEAR)
    report = judged(ours, late, made + 12 * YEAR)
    assert report.verdict is PaperVerdict.ALTERED
    assert "证书在下一次续期之前已经到期" in report.headline


def test_the_digest_on_record_knows_renewals_from_anything_else(ours: Loan, twice: bytes, made: datetime) -> None:
    at = made + 15 * YEAR
    report = judged(ours, twice, at, known=ours.sealed)
    assert report.verdict is PaperVerdict.VALID, report.headline
    assert any("其后只有 2 次归档时间戳续期" in note for note in report.notes)
    assert judged(ours, twice, at, known=twice).notes == (), "the version on record itself"
    cut = ours.second.pdf
    assert judged(ours, cut, made, known=ours.sealed).verdict is PaperVerdict.ALTERED, "the seal's revision was removed"
    once = renew(ours.sealed, ours.signer, made + 9 * YEAR)
    assert judged(ours, once, made + 9.5 * YEAR, known=twice).verdict is PaperVerdict.ALTERED, "a renewal was removed"
    assert judged(ours, twice, at, known=ours.first.pdf).verdict is PaperVerdict.ALTERED, "more than renewals followed"


def test_the_time_stamper_revoked_after_the_renewal_harms_nothing(ours: Loan, made: datetime) -> None:
    """Its proof was taken over at nine years; that its key is lost at ten is too late to matter."""
    own = ours.signer._authority
    once, at = renew(ours.sealed, ours.signer, made + 9 * YEAR), made + 10.5 * YEAR
    serial = own.tsa.certificate.serial_number

    def verdict(revoked_at: datetime) -> PaperVerdict:
        lists = [
            revocation_list(own.root, at).public_bytes(Encoding.DER),
            revocation_list(own.issuing, at, [(serial, revoked_at)]).public_bytes(Encoding.DER),
        ]
        return judge_paper(once, ours.signer.trust_pem(), at, lists).verdict

    assert verdict(made + 9.5 * YEAR) is PaperVerdict.VALID
    assert verdict(made + 8 * YEAR) is PaperVerdict.ALTERED


def _drawn(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Rotate"] = generic.NumberObject(90)
    writer.update_container(page)
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


ATTACKS: dict[str, Callable[[bytes, Loan, datetime], bytes]] = {
    "a change between seal and renewal": lambda twice, ours, made: renew(
        _drawn(ours.sealed), ours.signer, made + 9 * YEAR
    ),
    "a change after the renewal": lambda twice, ours, made: _drawn(twice),
    "cut within the last renewal": lambda twice, ours, made: twice[:-300],
    "appended": lambda twice, ours, made: twice + b"% more\n",
    "renewal of another paper behind it": lambda twice, ours, made: (
        ours.sealed + renew(ours.single_sealed, ours.signer, made + 9 * YEAR)[len(ours.single_sealed) :]
    ),
}


@pytest.mark.parametrize("how", ATTACKS)
def test_what_is_no_renewal_is_refused(ours: Loan, twice: bytes, made: datetime, how: str) -> None:
    forged = ATTACKS[how](twice, ours, made)
    report = judged(ours, forged, made + 15 * YEAR, known=ours.sealed)
    assert report.verdict is PaperVerdict.ALTERED, report.headline


def test_the_built_in_authority_has_a_successor_before_it_ends(tmp_path: Path) -> None:
    """Also after a restart, and never one that could not live longer."""
    signer = open_signer(tmp_path)
    begin = signer._clock.now()
    own = signer._authority
    assert own.stamper(begin)[0] == own.tsa
    second, above = own.stamper(begin + 9 * YEAR)
    assert second.certificate.not_valid_after_utc > own.tsa.certificate.not_valid_after_utc + 4 * YEAR
    assert above == (own.issuing.certificate, own.root.certificate)
    again = open_signer(tmp_path)._authority
    assert again.stamper(begin + 9 * YEAR)[0].certificate == second.certificate
    last, (issuing, root) = again.stamper(begin + 19 * YEAR)
    assert last.certificate.not_valid_after_utc > begin + 25 * YEAR
    assert root in open_signer(tmp_path)._authority.roots()
    assert issuing != own.issuing.certificate
    assert len(list(again.certificates())) > len(list(own.certificates())) - 1
    assert {"root-2", "issuing-2"} <= set(again.revocation_lists(begin))


def test_customers_still_sign_and_seal_when_the_time_stamper_is_the_second(tmp_path: Path) -> None:
    from signing.adapters.documents import PaperDocuments

    at = open_signer(tmp_path)._clock.now() + 8.5 * YEAR

    class Later:
        def now(self) -> datetime:
            return at

    signer = open_signer(tmp_path, Later())
    frozen = PaperDocuments().generate(case(BORROWER), INSTITUTION, at)[0]
    signed = asyncio.run(signer.sign_as_customer(frozen.pdf, signing_context(frozen, BORROWER, at)))
    sealed = asyncio.run(signer.seal(signed.pdf, INSTITUTION, at, "全部当事人已签署"))
    assert signer.examine(sealed).verdict is PaperVerdict.VALID, signer.examine(sealed).headline
