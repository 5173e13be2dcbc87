"""Tables brought in: read, checked whole, compared with what is there, stored in one transaction with its log line."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from signing.domain.errors import InputError
from signing.domain.imports import Parsed, Sheet, parse_list, parse_lpr, parse_roster
from signing.domain.reference import NamedList
from signing.service.bus import Handler
from signing.service.commands import Command
from signing.service.import_tables import ImportReport, ImportTable, TableKind
from signing.service.services import Services
from signing.service.store import Unit

T = TypeVar("T")
FAULTS_IN_WORDS = 20


@dataclass(frozen=True)
class Shelf(Generic[T]):
    """Where the rows of a kind are kept: what is there by its key, and how to put and take one."""

    there: Mapping[object, T]
    key: Callable[[T], object]
    put: Callable[[T], None]
    remove: Callable[[T], None]


def import_table(command: ImportTable, services: Services) -> ImportReport:
    """Raises ``InputError`` naming the first bad rows, unless it is only to be checked; then the report has all."""
    sheet = services.tables.read(command.data)
    parsed = _parse(command.kind, sheet)
    digest = hashlib.sha256(command.data).hexdigest()
    report = ImportReport(command.kind, digest, len(sheet.rows), parsed.faults)
    if parsed.faults and not command.check:
        raise bad_rows(report)
    _require_names(command)
    if command.check:
        with services.db.read() as unit:
            return _stored(unit, command, parsed, report)
    with services.db.write() as unit:
        report = _stored(unit, command, parsed, report)
        what = f"import.{command.kind}"
        unit.logs.record_view(command.actor, services.clock.now(), what, "", _log_detail(command, report))
    return replace(report, applied=True)


def bad_rows(report: ImportReport) -> InputError:
    count = len({fault.row for fault in report.faults})
    said = [str(fault) for fault in report.faults[:FAULTS_IN_WORDS]]
    more = len(report.faults) - len(said)
    rest = [f"还有 {more} 处"] if more else []
    return InputError(
        "\n".join([f"有 {count} 行不对，没有导入任何一行", *said, *rest]), "请改正后重新导入", code="bad_rows"
    )


def _parse(kind: TableKind, sheet: Sheet) -> Parsed[Any]:
    parsers: Mapping[TableKind, Callable[[Sheet], Parsed[Any]]] = {
        TableKind.ROSTER: parse_roster,
        TableKind.LIST: parse_list,
        TableKind.LPR: parse_lpr,
    }
    return parsers[kind](sheet)


def _require_names(command: ImportTable) -> None:
    if command.kind is not TableKind.LIST:
        return
    for called, text in (("名单的名称", command.list_name), ("名单的种类", command.list_kind)):
        if not 0 < len(text) <= 100 or not text.isprintable() or text != text.strip():
            raise InputError(f"{called}应为 1 到 100 个字", "请填写，例如“上杭县乡村振兴名单”")


def _stored(unit: Unit, command: ImportTable, parsed: Parsed[Any], report: ImportReport) -> ImportReport:
    """The report with its counts. Where only to be checked, nothing is put: ``unit`` may be one that reads."""
    for institution_id in _institutions(unit, command):
        report = _compared(unit, command, institution_id, parsed, report)
    return report


def _institutions(unit: Unit, command: ImportTable) -> list[str]:
    """Raises ``NotFound``."""
    if command.actor.kind != "system":
        return [command.actor.institution_id]
    if command.kind is TableKind.LPR and not command.institution_id:
        return sorted({branch.institution_id for branch in unit.people.branches()})
    return [unit.people.institution(command.institution_id).institution_id]


def _compared(
    unit: Unit, command: ImportTable, institution_id: str, parsed: Parsed[Any], report: ImportReport
) -> ImportReport:
    shelf = _shelf(unit, command, institution_id)
    new = {shelf.key(row): row for row in parsed.rows}
    gone = [row for key, row in shelf.there.items() if key not in new] if command.replaces else []
    fresh = [row for key, row in new.items() if key not in shelf.there]
    changed = [row for key, row in new.items() if key in shelf.there and shelf.there[key] != row]
    if not command.check:
        if command.kind is TableKind.LIST:
            unit.reference.save_list(institution_id, NamedList(command.list_name, command.list_kind))
        for row in gone:
            shelf.remove(row)
        for row in [*fresh, *changed]:
            shelf.put(row)
    same = len(new) - len(fresh) - len(changed)
    return replace(
        report,
        added=report.added + len(fresh),
        changed=report.changed + len(changed),
        removed=report.removed + len(gone),
        unchanged=report.unchanged + same,
    )


def _shelf(unit: Unit, command: ImportTable, institution_id: str) -> Shelf[Any]:
    if command.kind is TableKind.ROSTER:
        return Shelf(
            {row.id_number: row for row in unit.people.households(institution_id)},
            lambda row: row.id_number,
            lambda row: unit.people.save_household(institution_id, row),
            lambda row: unit.people.remove_household(institution_id, row.id_number),
        )
    if command.kind is TableKind.LIST:
        name = command.list_name
        return Shelf(
            {row.number: row for row in unit.reference.list_entries(institution_id, name)},
            lambda row: row.number,
            lambda row: unit.reference.save_entry(institution_id, name, row),
            lambda row: unit.reference.remove_entry(institution_id, name, row.number),
        )
    if command.replaces:
        raise InputError("LPR 已公布的报价不能删除", "请不要使用“替换”，只导入新增或更正的日期")
    return Shelf(
        {row.day: row for row in unit.reference.all_lpr(institution_id)},
        lambda row: row.day,
        lambda row: unit.reference.save_lpr(institution_id, row),
        lambda row: None,
    )


def _log_detail(command: ImportTable, report: ImportReport) -> str:
    counts = f"added={report.added} changed={report.changed} removed={report.removed} unchanged={report.unchanged}"
    named = f" list={command.list_name}" if command.list_name else ""
    return f"sha256={report.sha256} {counts}{named}"


HANDLERS: dict[type[Command], Handler] = {ImportTable: import_table}
