"""``pingqian risk``: a table to read, faults by file, line and rule, and nothing half-set."""

from pathlib import Path

import pytest

from signing.cli import main
from signing.commandline.risk import _width, table
from signing.domain.risk.catalogue import RULES
from signing.domain.risk.settings import DEFAULTS
from tests.integration.service.test_setting_up import branch, said

SET_UP = (
    "--institution-name", "上杭农村信用合作联社", "--seal-name", "上杭农村信用合作联社",
    "--address", "上杭县人民路 1 号", "--helpline", "0597-1234567",
    "--representative", "陈立", "--credit-code", "91350823MA2XN1AB39",
)  # fmt: skip


def test_the_table_has_a_line_for_every_rule_and_straight_columns() -> None:
    lines = list(table(DEFAULTS))
    assert [line.split()[0] for line in lines[1:]] == [rule.key for rule in RULES]
    starts = {_width(line[: line.index(rule.title)]) for line, rule in zip(lines[1:], RULES, strict=True)}
    assert len(starts) == 1
    assert "*" not in "".join(lines)


def test_rules_are_shown_changed_and_shown_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, file = tmp_path / "data", tmp_path / "rules.toml"
    said(capsys, 0, *branch(data, *SET_UP))
    here = ("--institution", "shanghang", "--data", data)
    shown = said(capsys, 0, "risk", "show", *here)
    file.write_text(shown.replace("days = 90", "days = 30").replace("cases = 60", "cases = 7"))
    said(capsys, 0, "risk", "set", file, *here)
    listed = said(capsys, 0, "risk", "check", "--data", data)
    assert "上杭农村信用合作联社（shanghang）" in listed
    marked = [line.split()[0] for line in listed.splitlines() if " * " in line]
    assert marked == ["same_phone", "same_device", "velocity_branch"]
    file.write_text("[velocity_branch]\non = false\n[exposure]\nlimit = 5\n")
    refused = said(capsys, 2, "risk", "set", file, *here)
    assert str(file) in refused
    assert "第 4 行 exposure.limit：金额须写在引号里" in refused
    assert said(capsys, 0, "risk", "check", "--data", data) == listed, "nothing has changed"
    assert "branch list" in said(capsys, 2, "risk", "set", file, "--institution", "nobody", "--data", data)


def test_a_file_can_be_checked_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[same_phone]\noutcome = "warn"\n')
    assert main(["risk", "check", str(file)]) == 0
    assert "same_phone *" in capsys.readouterr().out
    file.write_text('[same_phone]\n\noutcome = "stop"\n[nothing]\n')
    assert main(["risk", "check", str(file)]) == 1
    out = capsys.readouterr().out
    assert f"{file} 有误" in out
    assert "第 3 行 same_phone.outcome" in out
    assert "第 4 行 nothing：没有这条规则" in out
    file.write_bytes(b"\xff\xfe")
    assert "UTF-8" in said(capsys, 2, "risk", "check", file)
    assert "不能读取" in said(capsys, 2, "risk", "check", tmp_path / "missing")
