"""The customer's phone brings what it kept itself while its line was lost."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import AwareDatetime
from starlette.exceptions import HTTPException

from signing.domain.backfill import KINDS, Keeps
from signing.service.backfill_commands import KeepBackfill, TakeBackfillNeeds, TellKeeping
from signing.web.context import PartyHere, WebHere
from signing.web.routes.paths import CallId
from signing.wire.backfill import BackfillKept, BackfillNeeds, BackfillSpan, KeepingTold, PhoneKeeps

router = APIRouter(prefix="/api/phone/backfill")


@router.get("/{call_id}")
async def needs(call_id: CallId, actor: PartyHere, web: WebHere) -> BackfillNeeds:
    """Of the customer's own side of a call of theirs; 409 once nothing more is taken."""
    web.limits.backfill_asked.use(actor.session_id, web.monotonic())
    found = await web.execute(TakeBackfillNeeds(actor, call_id))
    return BackfillNeeds(
        key=found.key.hex(), spans=[BackfillSpan(since=span.since, until=span.until) for span in found.spans]
    )


@router.put("/{call_id}")
async def bring(
    call_id: CallId,
    request: Request,
    actor: PartyHere,
    web: WebHere,
    x_kept_since: Annotated[AwareDatetime, Header()],
    x_kept_until: Annotated[AwareDatetime, Header()],
) -> BackfillKept:
    """One piece: the body is the file, of a few seconds each, or a still. Too many at a time are refused unread."""
    web.limits.backfill.use(actor.session_id, web.monotonic())
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in KINDS:
        raise HTTPException(415)
    data = await request.body()
    kept = await web.execute(KeepBackfill(actor, call_id, x_kept_since, x_kept_until, kind, data))
    return BackfillKept(new=kept)


@router.post("/{call_id}")
async def keeps(call_id: CallId, body: PhoneKeeps, actor: PartyHere, web: WebHere) -> KeepingTold:
    """More or less than before, as the phone has the strength for it beside the call."""
    web.limits.backfill_asked.use(actor.session_id, web.monotonic())
    return KeepingTold(new=await web.execute(TellKeeping(actor, call_id, Keeps(body.keeps))))
