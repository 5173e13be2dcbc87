"""Log-in, log-out, one's own password, and the seat's whole view."""

from fastapi import APIRouter, Request

from signing.service import account_commands, commands
from signing.web.context import StaffHere, Web, WebHere, address_of
from signing.web.present import seat_display
from signing.web.views.accounts import squares
from signing.web.views.seat import staff_view
from signing.wire.accounts import BeginTotp, ChangePassword, TakeAccount, TotpEnrolment
from signing.wire.staff import LoggedIn, LogIn, SeatView

router = APIRouter(prefix="/api/staff")


@router.post("/login")
async def log_in(message: LogIn, request: Request, web: WebHere) -> LoggedIn:
    """401 for a wrong name or password alike, and with code ``totp_required``, ``totp_enrol`` or ``owner_code`` where
    more is wanted; 429 while the name is locked, be there such an account or not."""
    address = _counted(request, web)
    entered = await web.execute(
        commands.LogIn(commands.BEARER, message.username, message.password, message.code, address)
    )
    return LoggedIn(token=entered.token, expires_at=entered.expires_at, staff=staff_view(entered.staff))


@router.post("/totp")
async def begin_totp(message: BeginTotp, request: Request, web: WebHere) -> TotpEnrolment:
    """An authenticator for whoever has none yet; the next log-in with its code confirms it."""
    address = _counted(request, web)
    begun = await web.execute(account_commands.BeginTotp(commands.BEARER, message.username, message.password, address))
    return TotpEnrolment(uri=begun.uri, secret=begun.secret, squares=squares(begun.uri))


@router.post("/take", status_code=204)
async def take(message: TakeAccount, request: Request, web: WebHere) -> None:
    """A confirmed account, by its owner; 401 with code ``owner_code_wrong`` for a wrong code."""
    address = _counted(request, web)
    code, new = message.code, message.new
    await web.execute(
        account_commands.TakeAccount(commands.BEARER, message.username, message.password, code, new, address)
    )


def _counted(request: Request, web: Web) -> str:
    address = address_of(request)
    web.limits.log_in_address.use(address, web.monotonic())
    return address


@router.post("/password", status_code=204)
async def change_password(message: ChangePassword, actor: StaffHere, web: WebHere) -> None:
    await web.execute(account_commands.ChangePassword(actor, message.old, message.new))


@router.post("/logout", status_code=204)
async def log_out(actor: StaffHere, web: WebHere) -> None:
    await web.execute(commands.LogOut(actor))
    web.hub.leave_session(actor.session_id, "logged_out")


@router.get("/view")
async def view(actor: StaffHere, web: WebHere) -> SeatView:
    return await seat_display(web, actor)
