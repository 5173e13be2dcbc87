"""The figures of a day or several: to look at, and as a workbook to keep."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from signing.service.commands import RecordView
from signing.service.figure_sheets import sheets_of
from signing.service.figures import figures
from signing.web.context import StaffHere, WebHere
from signing.web.files import disposition
from signing.web.views.figures import figures_view
from signing.wire.figures import DayFigures

router = APIRouter(prefix="/api")

Day = Annotated[date | None, Query(description="北京时间的日期，如 2026-12-01；不给时为今天")]


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/board/figures.xlsx")
async def workbook(actor: StaffHere, web: WebHere, first: Day = None, last: Day = None) -> Response:
    """To keep. On record is which days, before anything leaves."""
    async with web.reckoning:
        found = await web.ask(figures, web.services, actor, first, last)
        data = await web.ask(web.services.tables.write, sheets_of(found))
    said = f"导出 {found.span.first} 至 {found.span.last}"
    await web.execute(RecordView(actor, "figures", detail=said))
    name = f"经营数字 {found.span.first} 至 {found.span.last}.xlsx"
    return Response(data, media_type=_XLSX, headers={"Content-Disposition": disposition(name, download=True)})


@router.get("/board/figures")
async def day(actor: StaffHere, web: WebHere, first: Day = None, last: Day = None) -> DayFigures:
    async with web.reckoning:
        return figures_view(await web.ask(figures, web.services, actor, first, last))
