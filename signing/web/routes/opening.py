"""Preparing a case at the seat: what may be opened, a draft held against the rules, whom we know, its papers, its
links. What these routes are sent is kept nowhere; of whom they were asked is on the access log, masked."""

from collections.abc import Sequence

from fastapi import APIRouter
from pydantic import ValidationError

from signing.domain.errors import InputError
from signing.domain.masking import mask_id_number
from signing.service import opening, opening_commands, permissions
from signing.service.commands import Actor, PartyDraft
from signing.service.handlers.opening import ROSTER_SHOWN
from signing.web.context import StaffHere, Web, WebHere
from signing.web.drafts import Read, read_draft
from signing.web.errors import validation_body
from signing.web.routes.cases import open_case_command
from signing.web.routes.paths import CaseId, PartyId
from signing.web.views import draft as drafted
from signing.web.views import opening as views
from signing.wire import opening as wire
from signing.wire.staff import NewCase

router = APIRouter(prefix="/api")


@router.get("/opening/catalogue")
async def catalogue(actor: StaffHere, web: WebHere) -> wire.OpeningCatalogue:
    return views.catalogue_view(await web.ask(opening.opening_catalogue, web.services, actor))


@router.post("/opening/check")
async def check(message: wire.DraftCase, actor: StaffHere, web: WebHere) -> wire.DraftChecked:
    """Opens nothing. Of each person the first asking in a while is on the access log, and counts like a search."""
    permissions.check_question(actor, "check_draft")
    read = read_draft(message.draft)
    fresh = _fresh(web, actor, read)
    for _ in fresh:
        web.limits.roster.use(actor.session_id, web.monotonic())
    checked = await web.ask(opening.check_draft, web.services, actor, read.typed)
    await _note(web, actor, fresh)
    return drafted.checked_view(read.misread, checked, message.draft)


def _fresh(web: Web, actor: Actor, read: Read) -> list[PartyDraft]:
    people = {one.id_number: one for one in read.typed.people if isinstance(one, PartyDraft)}
    now = web.monotonic()
    return [one for one in people.values() if web.asked_of.is_new(actor.session_id, one.id_number, now)]


async def _note(web: Web, actor: Actor, fresh: Sequence[PartyDraft]) -> None:
    now = web.monotonic()
    if fresh:
        await web.execute(opening_commands.NoteDraft(actor, tuple(mask_id_number(one.id_number) for one in fresh)))
        for one in fresh:
            web.asked_of.seen(actor.session_id, one.id_number, now)


@router.post("/opening/preview")
async def preview(message: wire.DraftCase, actor: StaffHere, web: WebHere) -> wire.DraftPapers:
    """Every paper as it would be made; slow, so that one is drawn at a time."""
    permissions.check_question(actor, "preview_papers")
    web.limits.preview.use(actor.session_id, web.monotonic())
    try:
        whole = NewCase.model_validate(message.draft)
    except ValidationError as error:
        body = validation_body(error.errors(include_url=False))
        raise InputError(body.message, "填写完整后可以预览文书") from None
    async with web.previewing:
        papers = await web.ask(opening.preview_papers, web.services, actor, open_case_command(actor, whole))
    return drafted.papers_view(papers)


@router.post("/opening/roster")
async def roster(message: wire.FindHouseholds, actor: StaffHere, web: WebHere) -> wire.HouseholdsFound:
    web.limits.roster.use(actor.session_id, web.monotonic())
    async with web.searching:
        found = await web.execute(opening_commands.SearchRoster(actor, message.text))
    return drafted.households_view(found, web.services.clock.now(), ROSTER_SHOWN)


@router.post("/opening/person")
async def person(message: wire.KnowPerson, actor: StaffHere, web: WebHere) -> wire.KnownPerson:
    web.limits.roster.use(actor.session_id, web.monotonic())
    known = await web.execute(opening_commands.LookUpPerson(actor, message.ref, message.id_number))
    return drafted.person_view(known)


@router.post("/opening/draft-key")
async def draft_key(actor: StaffHere, web: WebHere) -> wire.DraftKey:
    """On the access log."""
    key = await web.execute(opening_commands.TakeDraftKey(actor))
    return wire.DraftKey(key=key.hex())


@router.get("/cases/{case_id}/links")
async def links(case_id: CaseId, actor: StaffHere, web: WebHere) -> wire.LinkStates:
    found = await web.ask(opening.case_links, web.services, actor, case_id)
    return drafted.links_view(found, web.services.messages.stand_in)


@router.post("/cases/{case_id}/parties/{party_id}/link/send")
async def send_link(
    case_id: CaseId, party_id: PartyId, message: wire.SendLink, actor: StaffHere, web: WebHere
) -> wire.LinkStates:
    """By text message, to the party's own phone."""
    command = opening_commands.SendLink(actor, case_id, party_id, message.capability)
    permissions.check(command)
    web.limits.links_sent.use(f"{actor.institution_id} {case_id} {party_id}", web.monotonic())
    await web.execute(command)
    return await links(case_id, actor, web)
