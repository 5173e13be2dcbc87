"""Accounts of the institution's staff, for its administrator."""

from fastapi import APIRouter

from signing.service import account_commands as commands
from signing.service.accounts import accounts
from signing.service.commands import AddStaff
from signing.service.resting import resting_accounts
from signing.web.context import StaffHere, WebHere
from signing.web.routes.paths import SessionRef, StaffId
from signing.web.views.accounts import account_list, resting_account
from signing.wire.accounts import (
    AccountAdded,
    AccountConfirmed,
    Accounts,
    ConfirmAccount,
    NewAccount,
    RefuseAccount,
    RequireTotp,
    ResetPassword,
    RestingAccounts,
    SetActive,
)

router = APIRouter(prefix="/api/accounts")


@router.get("")
async def listing(actor: StaffHere, web: WebHere) -> Accounts:
    return account_list(await web.ask(accounts, web.services, actor))


@router.post("", status_code=201)
async def add(message: NewAccount, actor: StaffHere, web: WebHere) -> AccountAdded:
    command = AddStaff(
        actor, message.username, message.password, message.name, message.role, message.branch_id, message.seat_id
    )
    return AccountAdded(staff_id=await web.execute(command))


@router.get("/resting")
async def resting(actor: StaffHere, web: WebHere) -> RestingAccounts:
    """What was done to supervisors' and auditors' accounts, for another of them to confirm."""
    found = await web.ask(resting_accounts, web.services, actor)
    return RestingAccounts(accounts=[resting_account(one) for one in found])


@router.post("/{staff_id}/confirm")
async def confirm(staff_id: StaffId, message: ConfirmAccount, actor: StaffHere, web: WebHere) -> AccountConfirmed:
    """With a code for the account's owner where somebody else chose the password."""
    return AccountConfirmed(code=await web.execute(commands.ConfirmAccount(actor, staff_id, message.since)))


@router.post("/{staff_id}/refuse", status_code=204)
async def refuse(staff_id: StaffId, message: RefuseAccount, actor: StaffHere, web: WebHere) -> None:
    """The account is disabled; enabled again, it still waits for a confirmation."""
    await web.execute(commands.RefuseAccount(actor, staff_id, message.reason, message.since))


@router.put("/rules/totp", status_code=204)
async def require_totp(message: RequireTotp, actor: StaffHere, web: WebHere) -> None:
    await web.execute(commands.RequireTotp(actor, message.role, message.required))


@router.post("/{staff_id}/password", status_code=204)
async def reset_password(staff_id: StaffId, message: ResetPassword, actor: StaffHere, web: WebHere) -> None:
    await web.execute(commands.ResetPassword(actor, staff_id, message.password))


@router.put("/{staff_id}/active", status_code=204)
async def set_active(staff_id: StaffId, message: SetActive, actor: StaffHere, web: WebHere) -> None:
    await web.execute(commands.SetActive(actor, staff_id, message.active))


@router.post("/{staff_id}/unlock", status_code=204)
async def unlock(staff_id: StaffId, actor: StaffHere, web: WebHere) -> None:
    await web.execute(commands.UnlockAccount(actor, staff_id))


@router.post("/{staff_id}/totp/reset", status_code=204)
async def reset_totp(staff_id: StaffId, actor: StaffHere, web: WebHere) -> None:
    await web.execute(commands.ResetTotp(actor, staff_id))


@router.post("/{staff_id}/sessions/{session_ref}/end", status_code=204)
async def end_session(staff_id: StaffId, session_ref: SessionRef, actor: StaffHere, web: WebHere) -> None:
    await web.execute(commands.EndSession(actor, staff_id, session_ref))
