"""Tables brought in by an administrator: the body is the file itself, CSV or XLSX."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from signing.domain.errors import NotPermitted
from signing.service import import_tables as service
from signing.service import permissions
from signing.web.context import StaffHere, WebHere
from signing.wire.imports import ImportFault, ImportReport, TableKind

router = APIRouter(prefix="/api/imports")

ListName = Annotated[str, Query(max_length=100)]


@router.post("/{kind}")
async def bring_in(
    kind: TableKind,
    request: Request,
    actor: StaffHere,
    web: WebHere,
    name: ListName = "",
    list_kind: ListName = "",
    replace: bool | None = None,
    check: bool = False,
) -> ImportReport:
    """All rows or none. ``name`` and ``list_kind`` for a list; ``check`` only looks and tells every bad row.

    ``replace``: whether what is not in the file is removed; a list is replaced unless this says no, a roster is not
    unless it says yes.
    """
    if not permissions.allows(actor.role, service.ImportTable):
        raise NotPermitted("您的角色不能导入表格", "请由管理员导入")
    command = service.ImportTable(
        actor,
        service.TableKind(kind),
        await request.body(),
        list_name=name.strip(),
        list_kind=list_kind.strip(),
        replace=replace,
        check=check,
    )
    return _view(await web.execute(command))


def _view(report: service.ImportReport) -> ImportReport:
    return ImportReport(
        kind=TableKind(report.kind),
        sha256=report.sha256,
        rows=report.rows,
        faults=[
            ImportFault(row=one.row, column=one.column, value=one.value, what=one.what, fix=one.fix)
            for one in report.faults
        ],
        added=report.added,
        changed=report.changed,
        removed=report.removed,
        unchanged=report.unchanged,
        applied=report.applied,
    )
