"""Lines of the script that are read into the call by a prepared sound."""

import hashlib

from fastapi import APIRouter
from starlette.responses import Response

from signing.domain.errors import NotFound
from signing.service import aloud_commands as al
from signing.service.aloud import line_to_read
from signing.web.context import StaffHere, WebHere
from signing.web.routes.paths import CaseId, PartyId
from signing.web.voices import line_key
from signing.wire.staff import READING_ID, ReadAloud, ReadAloudEnded

router = APIRouter(prefix="/api/cases")


@router.post("/{case_id}/parties/{party_id}/read-aloud", response_class=Response)
async def read_aloud(
    case_id: CaseId, party_id: PartyId, message: ReadAloud, actor: StaffHere, web: WebHere
) -> Response:
    """The sound of the line; that it is read by it goes on record before it is given."""
    text = await web.ask(line_to_read, web.services, actor, case_id, party_id, message.line)
    sound = await web.voices.aside(web.voices.once, text, line_key(text))
    if sound is None:
        raise NotFound("这一条没有准备好的声音", "请自己读这一条；服务的机器上要装有 espeak-ng 和 ffmpeg")
    digest = hashlib.sha256(sound.data).hexdigest()
    began = al.ReadAloud(actor, case_id, party_id, message.line, text, digest, sound.recorded)
    reading_id: str = await web.execute(began)
    headers = {"Cache-Control": "no-store", READING_ID: reading_id}
    return Response(sound.data, media_type=sound.kind, headers=headers)


@router.post("/{case_id}/parties/{party_id}/read-aloud/ended", status_code=204)
async def read_aloud_ended(
    case_id: CaseId, party_id: PartyId, message: ReadAloudEnded, actor: StaffHere, web: WebHere
) -> None:
    heard = message.reading_id, message.whole, message.seconds
    await web.execute(al.EndReadAloud(actor, case_id, party_id, *heard))
