"""``pingqian templates check`` and ``pingqian products``."""

from pathlib import Path

import pytest

from signing.adapters.documents import catalogue, checking, templates
from signing.cli import main


def test_what_we_ship_is_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "check", "--out", str(tmp_path)]) == 0
    assert "全部无误" in capsys.readouterr().out
    assert len(list(tmp_path.glob("*.pdf"))) >= 3
    assert all(path.read_bytes().startswith(b"%PDF-") for path in tmp_path.glob("*.pdf"))


def test_faults_are_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = (templates.root() / "products" / "village_credit_line.toml").read_text(encoding="utf-8")
    wrong = catalogue._read("village_credit_line.toml", text.replace("{amount_short}", "{amount_shirt}"))
    monkeypatch.setattr(catalogue, "products", lambda: {"village_credit_line": wrong})
    assert list(checking.faults()) == ["village_credit_line 话术第 6 条：不认识的占位符 {amount_shirt}"]
    assert main(["templates", "check"]) == 1
    assert "amount_shirt" in capsys.readouterr().out


def test_products_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["products"]) == 0
    out = capsys.readouterr().out
    for wanted in ("信用村授信贷款", "200,000.00", "个人借款合同", "第二十六条"):
        assert wanted in out
