"""The attack corpus: every forged paper is refused; the true one is valid, also eight years on."""

import hashlib
import random
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from signing.adapters.pki.certificates import revocation_list
from signing.adapters.signer import open_signer
from signing.adapters.signer.revisions import judge_paper
from signing.cli import main
from signing.service.pdf_report import PaperVerdict
from tests.integration.pdf.attacks import ATTACKS
from tests.integration.pdf.conftest import Loan


def test_the_true_paper_is_valid_and_says_who_when_and_what_since(loan: Loan) -> None:
    report = loan.signer.examine(loan.sealed)
    assert report.verdict is PaperVerdict.VALID, report
    assert [(one.kind_title, one.who) for one in report.revisions] == [
        ("当事人签名", "王建国"),
        ("当事人签名", "李秀英"),
        ("机构印章", "龙岩示范农村信用合作联社电子印章（演示）"),
        ("归档时间戳", "屏签演示时间戳服务"),
    ]
    first, second, seal, last = report.revisions
    assert "其他当事人签名 1 处、加盖机构印章、加盖骑缝章" in first.since
    assert "当事人签名" not in second.since
    assert seal.since == "补入核验资料或归档时间戳"
    assert last.since == "无"
    assert all(one.at is not None and len(one.certificate_sha256) == 64 for one in report.revisions)


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_no_forged_paper_passes(name: str, loan: Loan) -> None:
    """With nothing known of the paper but the root."""
    forged = ATTACKS[name](loan)
    assert forged != loan.sealed
    report = loan.signer.examine(forged)
    assert report.verdict is not PaperVerdict.VALID, report
    assert report.faults or report.missing


def test_a_digest_on_record_tells_a_true_but_older_revision(loan: Loan) -> None:
    known = hashlib.sha256(loan.sealed).hexdigest()
    assert loan.signer.examine(loan.sealed, known).verdict is PaperVerdict.VALID
    older = loan.signer.examine(loan.second.pdf, known)
    assert older.verdict is PaperVerdict.ALTERED
    assert "摘要不一致" in older.headline


def test_no_flipped_bit_passes(loan: Loan) -> None:
    """Anywhere before the last time-stamp, which nothing covers: there the digests on record would tell."""
    chance, last = random.Random(20261127), loan.sealed.rindex(b"/Contents")
    for _ in range(24):
        place = chance.randrange(last)
        broken = bytearray(loan.sealed)
        broken[place] ^= 1 << chance.randrange(8)
        assert loan.signer.examine(bytes(broken)).verdict is not PaperVerdict.VALID, place


def test_valid_after_eight_years_with_fresh_lists_and_not_for_ever(loan: Loan) -> None:
    own, now = loan.signer._authority, loan.signer._clock.now()
    later = now + timedelta(days=8 * 365 + 2)
    fresh = [revocation_list(one, later) for one in (own.root, own.issuing)]
    lists = [one.public_bytes(Encoding.DER) for one in fresh]
    assert judge_paper(loan.sealed, loan.signer.trust_pem(), later, lists).verdict is PaperVerdict.VALID
    too_late = now + timedelta(days=12 * 365)
    report = judge_paper(loan.sealed, loan.signer.trust_pem(), too_late)
    assert report.verdict is PaperVerdict.INCOMPLETE, "nobody changed it, but its time-stamp's certificate is over"
    assert "证书已经到期，之后没有续期" in report.headline


def test_a_revoked_time_stamping_authority_is_seen(loan: Loan) -> None:
    own, now = loan.signer._authority, loan.signer._clock.now()
    serial = own.tsa.certificate.serial_number
    lists = [
        revocation_list(own.root, now).public_bytes(Encoding.DER),
        revocation_list(own.issuing, now, [(serial, now - timedelta(days=1))]).public_bytes(Encoding.DER),
    ]
    assert judge_paper(loan.sealed, loan.signer.trust_pem(), now, lists).verdict is PaperVerdict.ALTERED


def test_another_root_believes_nothing(loan: Loan, tmp_path: Path) -> None:
    stranger = open_signer(tmp_path)
    report = judge_paper(loan.sealed, stranger.trust_pem(), loan.signer._clock.now())
    assert report.verdict is PaperVerdict.ALTERED


def test_the_command_judges_papers(loan: Loan, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paper, root = tmp_path / "合同.pdf", tmp_path / "root.pem"
    paper.write_bytes(loan.sealed)
    root.write_bytes(loan.signer.trust_pem())
    assert main(["verify", str(paper), "--trust", str(root)]) == 0
    out = capsys.readouterr().out
    assert "第 1 次修订　当事人签名　王建国" in out
    assert "结论：已验证：签章 3，归档时间戳 1" in out
    assert main(["verify", str(paper)]) == 0
    assert "以文书内自带的根证书核验" in capsys.readouterr().out
    assert main(["verify", str(paper), "--trust", str(root), "--known", "0" * 64]) == 1
    assert main(["verify", str(paper), "--known", "no"]) == 2
    paper.write_bytes(ATTACKS["drawn on the page"](loan))
    assert main(["verify", str(paper), "--trust", str(root), "--json"]) == 1
    assert '"verdict": "altered"' in capsys.readouterr().out


def test_what_is_no_paper_and_a_list_that_is_none_are_not_taken_for_changes(
    loan: Loan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fake.pdf").write_bytes(b"%PDF-1.7\nnothing\n")
    assert main(["verify", str(tmp_path / "fake.pdf")]) == 2
    assert "无法识别" in capsys.readouterr().out
    (tmp_path / "good.pdf").write_bytes(loan.sealed)
    (tmp_path / "junk.crl").write_bytes(bytes(300))
    command = ["verify", str(tmp_path / "good.pdf"), "--crl", str(tmp_path / "junk.crl")]
    assert main(command) == 2
    said = capsys.readouterr()
    assert said.err == "吊销列表 junk.crl 不能读取（需要 DER 格式的 CRL）\n"
    assert said.out == ""
