"""``pingqian seals``: registered, listed, drawn, taken out of use; nothing half-done."""

from pathlib import Path

import pytest

from tests.integration.service.test_setting_up import branch, said
from tests.unit.cli.test_risk import SET_UP


def test_a_seal_is_registered_listed_drawn_and_retired(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, png = tmp_path / "data", tmp_path / "seal.png"
    said(capsys, 0, *branch(data, *SET_UP))
    here = ("--data", data)
    assert "合同专用章" in said(capsys, 0, "seals", "list", *here), "an institution begins with one"
    add = ("seals", "add", "--institution", "shanghang", "--until", "2031-01-01", *here)
    made = said(
        capsys, 0, *add, "--kind", "representative", "--text", "陈立", "--custodian", "办公室",
        "--document", "personal_loan_contract", "--second-above", "200000",
    )  # fmt: skip
    seal_id = made.split("编号 ")[1].strip()
    listed = said(capsys, 0, "seals", "list", "--institution", "shanghang", *here)
    assert "保管：办公室" in listed
    assert "用于个人借款合同；超过 200,000.00 元须主管复核" in listed
    said(capsys, 0, "seals", "draw", seal_id, "--out", png, *here)
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "不能写入" in said(capsys, 2, "seals", "draw", seal_id, "--out", png, *here) or png.exists()
    said(capsys, 0, "seals", "retire", seal_id, "--reason", "法定代表人变更", *here)
    assert "已停用（法定代表人变更）" in said(capsys, 0, "seals", "list", *here)
    assert "已经停用" in said(capsys, 2, "seals", "retire", seal_id, "--reason", "再停用一次", *here)
    assert "还没有用印记录" in said(capsys, 0, "seals", "log", *here)


def test_what_is_wrong_is_refused_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    said(capsys, 0, *branch(data, *SET_UP))

    def add(**change: str) -> str:
        given = {
            "institution": "shanghang", "kind": "official", "text": "上杭农村信用合作联社", "custodian": "办公室",
            "until": "2031-01-01", **change,
        }  # fmt: skip
        options = [part for name, value in given.items() for part in (f"--{name}", value)]
        return said(capsys, 2, "seals", "add", *options, "--data", data)

    assert "branch list" in add(institution="nobody")
    assert "不是日期" in add(until="明年")
    assert "晚于启用日" in add(until="2020-01-01")
    assert "印章的到期日不能晚于" in add(until="9999-12-31")
    assert "不是金额" in add(**{"second-above": "很多"})
    assert "13 位" in add(number="12")
    assert add(document="nothing")
    assert "没有找到" in said(capsys, 2, "seals", "retire", "seal_nobody", "--reason", "遗失了", "--data", data)
