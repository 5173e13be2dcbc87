"""Tables through the command line and the bus into the real database: all of a file or nothing of it."""

import hashlib
import io
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import text as sql

from signing.adapters import demo_data
from signing.bootstrap import App
from signing.cli import main
from signing.domain.errors import InputError, NotPermitted
from signing.domain.reference import Lpr, lpr_on
from signing.service.commands import SYSTEM, Actor
from signing.service.import_tables import ImportReport, ImportTable, TableKind
from signing.service.ports import Institution
from signing.service.store import Branch
from tests.integration.service.office import log_in

ROSTER = "id_number,name,village,line,valid_until\n"
DING = "35082319510614301X,丁大山,示范村,50000,2099-12-31\n"
WANG = "350823198209174138,王大田,示范村,80000,2099-12-31\n"
FIRM = "91110000100000721N"
LIST = f"number,member,valid_until\n{FIRM},某粮油公司,\n11010519491231002X,王秀兰,2030-06-30\n"
INSTITUTION = demo_data.INSTITUTION.institution_id


def table(kind: TableKind, text: str, actor: Actor = SYSTEM, **more: Any) -> ImportTable:
    names: dict[str, Any] = {"institution_id": INSTITUTION}
    if kind is TableKind.LIST:
        names |= {"list_name": "上杭粮油上游", "list_kind": "上游企业名单"}
    return ImportTable(actor, kind, text.encode(), **names | more)


async def do(app: App, command: ImportTable) -> ImportReport:
    report = await app.bus.execute(command)
    assert isinstance(report, ImportReport)
    return report


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged


def roster(app: App) -> dict[str, Decimal]:
    with app.services.db.read() as unit:
        return {row.name: row.line for row in unit.people.households(INSTITUTION)}


def log_lines(app: App) -> list[dict[str, object]]:
    with app.services.db.read() as unit:
        return [json.loads(line)["body"] for line in unit.logs.views()]


async def test_one_bad_row_and_nothing_is_imported(app: App) -> None:
    before = roster(app)
    bad = table(TableKind.ROSTER, ROSTER + DING + WANG.replace("80000", "x"))
    with pytest.raises(
        InputError, match="有 1 行不对，没有导入任何一行\n第 3 行，授信额度（line） “x”：应为数"
    ) as refused:
        await do(app, bad)
    assert refused.value.code == "bad_rows"
    assert "王大田" not in refused.value.message
    assert roster(app) == before
    assert log_lines(app) == []


async def test_a_failure_in_the_middle_leaves_nothing(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    from signing.adapters.database.people import SqlPeople

    before, put = roster(app), SqlPeople.save_household
    saved: list[str] = []

    def fail_at_the_second(people: SqlPeople, institution_id: str, household: object) -> None:
        put(people, institution_id, household)  # type: ignore[arg-type]
        saved.append(institution_id)
        if len(saved) == 2:
            raise RuntimeError("the power fails")

    monkeypatch.setattr(SqlPeople, "save_household", fail_at_the_second)
    with pytest.raises(RuntimeError):
        await do(app, table(TableKind.ROSTER, ROSTER + DING + WANG))
    assert len(saved) == 2
    assert roster(app) == before


async def test_the_roster_is_added_to_and_corrected_and_replaced_when_asked(app: App) -> None:
    there = len(roster(app))
    first = await do(app, table(TableKind.ROSTER, ROSTER + DING + WANG))
    assert first.applied
    assert first.added + first.changed == 2
    assert first.removed == 0
    again = await do(app, table(TableKind.ROSTER, ROSTER + DING + WANG.replace("80000", "90000")))
    assert counts(again) == (0, 1, 0, 1)
    assert roster(app)["王大田"] == Decimal("90000.00")
    whole = await do(app, table(TableKind.ROSTER, ROSTER + DING, replace=True))
    assert counts(whole) == (0, 0, there + first.added - 1, 1)
    assert roster(app) == {"丁大山": Decimal("50000.00")}


async def test_a_check_counts_the_same_and_changes_nothing(app: App) -> None:
    before = roster(app)
    command = table(TableKind.ROSTER, ROSTER + DING + WANG, replace=True)
    checked = await do(app, table(TableKind.ROSTER, ROSTER + DING + WANG, replace=True, check=True))
    assert not checked.applied
    assert roster(app) == before
    assert log_lines(app) == []
    assert counts(await do(app, command)) == counts(checked)
    faulty = await do(app, table(TableKind.ROSTER, ROSTER + "1,,,,\n", check=True))
    assert len(faulty.faults) == 5


async def test_a_list_is_what_its_last_file_says(app: App) -> None:
    assert counts(await do(app, table(TableKind.LIST, LIST))) == (2, 0, 0, 0)
    other = f"number,member\n{FIRM},某粮油集团\n"
    assert counts(await do(app, table(TableKind.LIST, other, list_name="另一份"))) == (1, 0, 0, 0)
    with app.services.db.read() as unit:
        found = unit.reference.memberships(INSTITUTION, FIRM.lower(), date(2029, 1, 1))
        assert [(one.of.name, one.of.kind, one.entry.member) for one in found] == [
            ("上杭粮油上游", "上游企业名单", "某粮油公司"), ("另一份", "上游企业名单", "某粮油集团"),
        ]  # fmt: skip
        assert unit.reference.memberships(INSTITUTION, "11010519491231002X", date(2030, 7, 1)) == []
        assert unit.reference.memberships("inst_other", FIRM, date(2029, 1, 1)) == []
        assert unit.reference.list_entry(INSTITUTION, "没有", FIRM) is None
    assert counts(await do(app, table(TableKind.LIST, other))) == (0, 1, 1, 0)
    assert counts(await do(app, table(TableKind.LIST, LIST, replace=False))) == (1, 1, 0, 0)
    with app.services.db.read() as unit:
        entry = unit.reference.list_entry(INSTITUTION, "上杭粮油上游", FIRM)
        assert entry is not None
        assert entry.member == "某粮油公司"
        assert [one.name for one in unit.reference.lists(INSTITUTION)] == ["上杭粮油上游", "另一份"]


async def test_a_list_needs_its_name_and_kind(app: App) -> None:
    wrong: list[dict[str, Any]] = [{"list_name": ""}, {"list_kind": " "}, {"list_name": "x" * 101}]
    for names in wrong:
        with pytest.raises(InputError, match="1 到 100 个字"):
            await do(app, table(TableKind.LIST, LIST, **names))


async def test_nothing_personal_of_a_list_is_readable_in_the_database(app: App) -> None:
    await do(app, table(TableKind.LIST, LIST))
    with app.engine.connect() as connection:
        tables = ("named_list", "list_entry", "access_log")
        rows = [row for table in tables for row in connection.execute(sql(f"SELECT * FROM {table}"))]
    values = [value for row in rows for value in row]
    stored = b"\n".join(bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in values)
    assert "上游企业名单".encode() in stored, "the list's own name is no secret"
    for secret in ("某粮油公司", FIRM, "11010519491231002X"):
        assert secret.encode() not in stored


async def test_rates_hold_from_their_day_and_are_never_removed(app: App) -> None:
    text = "date,one_year,five_year\n2024-10-21,3.10,3.60\n2025-05-20,3.00,3.50\n"
    assert counts(await do(app, table(TableKind.LPR, text))) == (2, 0, 0, 0)
    with app.services.db.read() as unit:
        assert lpr_on(date(2024, 10, 20), unit.reference.all_lpr(INSTITUTION)) is None
        before = lpr_on(date(2024, 11, 20), unit.reference.all_lpr(INSTITUTION))
        assert before == Lpr(date(2024, 10, 21), Decimal("3.10"), Decimal("3.60"))
        assert lpr_on(date(2025, 6, 20), unit.reference.all_lpr(INSTITUTION)) == unit.reference.all_lpr(INSTITUTION)[-1]
        assert lpr_on(date(2025, 6, 21), unit.reference.all_lpr(INSTITUTION)) is None, "the next one is not known"
        assert lpr_on(date(2030, 1, 1), unit.reference.all_lpr("inst_other")) is None
    corrected = "date,one_year,five_year\n2025-05-20,3.05,3.50\n"
    assert counts(await do(app, table(TableKind.LPR, corrected))) == (0, 1, 0, 0)
    with pytest.raises(InputError, match="不能删除"):
        await do(app, table(TableKind.LPR, corrected, replace=True))


async def test_the_system_gives_the_rate_to_every_institution_at_once(app: App) -> None:
    with app.services.db.write() as unit:
        unit.people.add_institution(Institution("inst_b", "乙社", "乙社", "乙县", "1", "乙", "9"))
        unit.people.add_branch(Branch("branch_b", "inst_b", "乙支行"))
    text = "date,one_year,five_year\n2024-10-21,3.10,3.60\n"
    assert counts(await do(app, table(TableKind.LPR, text, institution_id=""))) == (2, 0, 0, 0)
    with app.services.db.read() as unit:
        (quote,) = unit.reference.all_lpr("inst_b")
        assert unit.reference.all_lpr(INSTITUTION) == [quote]


async def test_an_administrator_imports_for_their_own_institution_only(app: App) -> None:
    admin, agent = await log_in(app, "admin", "demo-admin-2026"), await log_in(app)
    with pytest.raises(NotPermitted):
        await do(app, table(TableKind.LIST, LIST, agent))
    assert (await do(app, table(TableKind.LIST, LIST, admin, institution_id="inst_other"))).applied
    with app.services.db.read() as unit:
        assert unit.reference.lists(INSTITUTION)
        assert not unit.reference.lists("inst_other")


async def test_every_import_is_on_the_access_log_with_the_files_digest(app: App) -> None:
    await do(app, table(TableKind.LIST, LIST))
    (line,) = log_lines(app)
    assert line["what"] == "import.list"
    assert line["detail"] == (
        f"sha256={hashlib.sha256(LIST.encode()).hexdigest()} added=2 changed=0 removed=0 unchanged=0 list=上杭粮油上游"
    )


# --- the command line -------------------------------------------------------------------------------------------------


def said(capsys: pytest.CaptureFixture[str], code: int, *arguments: object) -> str:
    capsys.readouterr()
    assert main([str(one) for one in arguments]) == code
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return out + err


def workbook(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    path.write_bytes(out.getvalue())
    return path


def test_the_commands_from_a_spreadsheet_to_the_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    branch = ("branch", "add", "linjiang", "--name", "临江支行", "--institution", "shanghang", "--data", data)
    names = ("institution-name", "seal-name", "address", "helpline", "representative")
    said(capsys, 0, *branch, *(word for name in names for word in (f"--{name}", "上杭")), "--credit-code", FIRM)
    where = ("--institution", "shanghang", "--data", data)

    head = ["身份证号", "姓名", "村", "授信额度", "有效期"]
    ding = ["35082319510614301X", "丁大山", "示范村", 50000, date(2099, 12, 31)]
    good = workbook(tmp_path / "名册.xlsx", [head, ding])
    assert "核对无误，尚未导入；将导入 1 行" in said(capsys, 0, "import", "roster", good, "--check", *where)
    imported = said(capsys, 0, "import", "roster", good, *where)
    assert "已导入 1 行到“上杭”的整村授信名册：新增 1，更正 0，删去 0，相同 0" in imported
    assert hashlib.sha256(good.read_bytes()).hexdigest() in imported
    assert "相同 1" in said(capsys, 0, "roster", "import", good, *where), "the older spelling"

    bad = workbook(tmp_path / "坏.xlsx", [head, [350823195106143010, "丁大山", "示范村", "五万", None]])
    told = said(capsys, 1, "import", "roster", bad, *where)
    assert "共 1 行，有 1 行不对，没有导入任何一行" in told
    assert "第 2 行，身份证号（id_number） “3508**********" in told
    assert "设为文本" in told
    assert "丁大山" not in told

    names_file = tmp_path / "名单.csv"
    names_file.write_bytes(LIST.encode("gb18030"))
    listing = ("import", "list", names_file, "--name", "粮油上游", "--kind", "上游企业名单", *where)
    assert "到“上杭”的名单“粮油上游”：新增 2" in said(capsys, 0, *listing)
    rates = tmp_path / "lpr.csv"
    rates.write_text("日期,一年期,五年期以上\n2025-05-20,3.0,3.5\n")
    assert "到各家机构的LPR：新增 1" in said(capsys, 0, "import", "lpr", rates, "--data", data)
    assert "pingqian branch list" in said(capsys, 2, "import", "roster", good, "--institution", "x", "--data", data)
    assert "不能读取" in said(capsys, 2, "import", "roster", tmp_path / "没有.csv", *where)
