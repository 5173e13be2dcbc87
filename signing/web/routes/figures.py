"""The figures of a day or several: to look at, and as a workbook to keep."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from signing.service.figures import figures
from signing.web.context import StaffHere, WebHere
from signing.web.views.figures import figures_view
from signing.wire.figures import DayFigures

router = APIRouter(prefix="/api")

Day = Annotated[date | None, Query(description="北京时间的日期，如 2026-12-01；不给时为今天")]


@router.get("/board/figures")
async def day(actor: StaffHere, web: WebHere, first: Day = None, last: Day = None) -> DayFigures:
    return figures_view(await web.ask(figures, web.services, actor, first, last))
