"""``pingqian templates check`` and ``pingqian products``."""

from pathlib import Path

import pytest

from signing.adapters.documents import catalogue, checking, templates
from signing.cli import main
from signing.domain.errors import InputError


def test_what_we_ship_is_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "check", "--out", str(tmp_path)]) == 0
    assert "全部无误" in capsys.readouterr().out
    assert len(list(tmp_path.glob("*.pdf"))) >= 3
    assert all(path.read_bytes().startswith(b"%PDF-") for path in tmp_path.glob("*.pdf"))


def test_faults_are_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = (templates.root() / "products" / "village_credit_line.toml").read_text(encoding="utf-8")
    wrong = catalogue.read("village_credit_line.toml", text.replace("{amount_short}", "{amount_shirt}"))
    monkeypatch.setattr(catalogue, "products", lambda: {"village_credit_line": wrong})
    assert list(checking.faults()) == ["village_credit_line 话术第 6 条：不认识的占位符 {amount_shirt}"]
    assert main(["templates", "check"]) == 1
    assert "amount_shirt" in capsys.readouterr().out


def test_products_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["products"]) == 0
    out = capsys.readouterr().out
    for wanted in ("信用村授信贷款", "200,000.00", "个人借款合同", "第二十六条"):
        assert wanted in out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('amount_max = "300000.00"', 'amount_max = "many"', "第 17 行 loan.amount_max：不是一个数"),
        ('amount_max = "300000.00"', "amount_max = 300000.00", "loan.amount_max：金额和利率须写在引号里"),
        ('amount_max = "300000.00"', 'amount_max = "1"', "第 16 行 loan.amount_min：金额上下限不成立"),
        ('amount_min = "1000.00"\n', "", "第 15 行 loan.amount_min：没有写"),
        ("term_months_min = 1", "term_month_min = 1", "loan.term_month_min：不认识这一项"),
        ('role = "co_borrower"', 'role = "uncle"', "roles[2].role：不在可选范围内"),
        ("min = 0", "min = 9", "roles[2]：人数上下限不成立"),
        ('kind = "personal_loan_contract"', 'kind = "nothing"', "documents[3].kind：没有名为 nothing 的文书模板"),
        ('expected = "no"', 'expected = "maybe"', "script[6].expected：不在可选范围内"),
        ('id = "village_credit_line"', 'id = "other"', "第 2 行 id：须与文件名 village_credit_line.toml 一致"),
        ("[loan]", "[loan", "不是正确的 TOML"),
    ],
)
def test_a_wrong_product_file_is_told_by_line_key_and_rule(old: str, new: str, said: str) -> None:
    text = (templates.root() / "products" / "village_credit_line.toml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(InputError) as refused:
        catalogue.read("village_credit_line.toml", text.replace(old, new, 1))
    assert said in refused.value.message
    assert refused.value.message.startswith("产品文件 village_credit_line.toml 有误：")
