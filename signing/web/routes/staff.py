"""Log-in, log-out, and the seat's whole view."""

from fastapi import APIRouter, Request

from signing.domain.errors import ConflictError
from signing.service import commands
from signing.web.context import StaffHere, WebHere, address_of
from signing.web.present import seat_display, seat_key
from signing.web.views.seat import staff_view
from signing.wire.staff import LoggedIn, LogIn, SeatView

router = APIRouter(prefix="/api/staff")


@router.post("/login")
async def log_in(message: LogIn, request: Request, web: WebHere) -> LoggedIn:
    """401 for a wrong name or password alike; after five failures in a row from one address, 429 for five minutes."""
    now, address = web.monotonic(), address_of(request)
    who = f"{message.username.casefold()}@{address}"
    web.limits.log_in_address.use(address, now)
    web.limits.log_in.check(who, now)
    # Counted before it is tried, so that many tries at once are not all let through.
    web.limits.log_in.failed(who, now)
    try:
        entered = await web.execute(commands.LogIn(commands.BEARER, message.username, message.password))
    except ConflictError:
        web.limits.log_in.succeeded(who)
        raise
    web.limits.log_in.succeeded(who)
    return LoggedIn(token=entered.token, expires_at=entered.expires_at, staff=staff_view(entered.staff))


@router.post("/logout", status_code=204)
async def log_out(actor: StaffHere, web: WebHere) -> None:
    await web.execute(commands.LogOut(actor))
    link = web.hub.find(seat_key(actor.seat_id)) if actor.seat_id else None
    if link is not None and link.owner.session_id == actor.session_id:
        link.leave("logged_out")


@router.get("/view")
async def view(actor: StaffHere, web: WebHere) -> SeatView:
    return await seat_display(web, actor)
