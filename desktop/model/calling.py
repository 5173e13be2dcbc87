"""The engine's call follows the service's: who is on the stage, who is held, who listens. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from desktop.model import helping, qualitylog, reading, recording
from desktop.model import party as parties
from desktop.model.happenings import Effect, Outcome, Post, Say, SendFrame, SendReport
from desktop.model.state import Line, Media, State
from media import ports
from signing.wire.base import Tone
from signing.wire.call import CallPartyState, SeatCall
from signing.wire.quality import ReportConnection
from signing.wire.signal import Sdp

STAFF = "staff:"
"""Before the staff_id of a supervisor who listens, in ``Sdp.party_id``."""
MOST_PENDING = 8
ON_STAGE = (CallPartyState.LIVE, CallPartyState.HELD, CallPartyState.DROPPED)
"""Who dropped keeps their tile, which says so."""
IN_CALL = (CallPartyState.LIVE, CallPartyState.HELD)


def follow(state: State) -> Outcome:
    """Opens and closes the engine's call as the service's comes and goes, and brings everybody to their place."""
    state, effects = _call_changed(state)
    if state.call is None:
        return state, effects
    state, placed = _one_by_one(state, _admitted, _expected, _held, _muted, _gone, _heard, _aside, tiles)
    return state, (*effects, *placed)


def placed(state: State) -> Outcome:
    """Who has a place in the call, and how, for an engine that knows nobody yet."""
    return _one_by_one(state, _expected, _held, _muted, tiles)


def _one_by_one(state: State, *steps: Callable[[State], Outcome]) -> Outcome:
    effects: tuple[Effect, ...] = ()
    for step in steps:
        state, more = step(state)
        effects = (*effects, *more)
    return state, effects


def _call_changed(state: State) -> Outcome:
    call, media = state.call, state.media
    effects: list[Effect] = []
    if media.call_id and (call is None or call.call_id != media.call_id):
        effects.append(Post(ports.CloseCall(media.call_id)))
        effects += _reports(media.call_id, qualitylog.closed(media.log)[1])
        effects += recording.over(media)
        state = replace(state, media=Media(), proof_open=False, focus="")
    if call is None or call.call_id == state.media.call_id:
        return state, tuple(effects)
    effects.append(Post(opening(state, call)))
    return replace(state, media=Media(call_id=call.call_id)), tuple(effects)


def opening(state: State, call: SeatCall) -> ports.OpenCall:
    """The command that opens the engine's part of a call."""
    staff = state.view.staff if state.view else None
    servers = (ports.IceServer(tuple(s.urls), s.username, s.credential) for s in call.ice_servers)
    return ports.OpenCall(
        call_id=call.call_id,
        case_no=state.case.case_no if state.case else "",
        seat_label=staff.seat_label if staff else "",
        agent_label=f"客户经理 {staff.name}" if staff else "",
        clock_offset_seconds=state.clock_offset,
        ice_servers=tuple(servers),
    )


def offered(state: State, sdp: Sdp) -> Outcome:
    """An offer may overtake the view that lets its sender in; it then waits."""
    if sdp.kind != "offer":
        return state, ()
    state = replace(state, pending_offers=(*state.pending_offers, sdp)[-MOST_PENDING:])
    if state.call is None or state.media.call_id != state.call.call_id:
        return state, ()
    return _one_by_one(state, _admitted, _held, _muted)


def _admitted(state: State) -> Outcome:
    """Hands on the offers of all who may be in the call by now."""
    call, media = state.call, state.media
    assert call is not None
    mine = [sdp for sdp in state.pending_offers if sdp.call_id == call.call_id]
    ready = [offer for sdp in mine if (offer := _remote(state, call, sdp)) is not None]
    taken = {offer.party_id for offer in ready}
    for offer in ready:
        if offer.listener:
            media = replace(media, ears={**media.ears, offer.party_id: False})
        else:
            line = replace(media.line(offer.party_id), offered=True, picture=False)
            media = media.with_line(offer.party_id, line)
    left = tuple(sdp for sdp in mine if _sender(call, sdp) not in taken)
    return replace(state, media=media, pending_offers=left), tuple(Post(offer) for offer in ready)


def _sender(call: SeatCall, sdp: Sdp) -> str:
    return call.party_id if sdp.party_id == "self" else sdp.party_id


def _remote(state: State, call: SeatCall, sdp: Sdp) -> ports.RemoteOffer | None:
    """None where the sender has no place in the call yet."""
    sender, offer_id = _sender(call, sdp), sdp.offer_id or ""
    if sender.startswith(STAFF):
        name = next((ear.name for ear in call.listeners if STAFF + ear.staff_id == sender), None)
        return ports.RemoteOffer(call.call_id, sender, name, sdp.sdp, offer_id, listener=True) if name else None
    place = state.place(sender)
    if place is None or place.state not in IN_CALL:
        return None
    return ports.RemoteOffer(call.call_id, sender, place.label, sdp.sdp, offer_id)


def _expected(state: State) -> Outcome:
    """Whoever has a place has a tile, though their phone may never come."""
    call, media, effects = state.call, state.media, list[Effect]()
    for place in call.parties if call else []:
        line = media.line(place.party_id)
        if line.known or place.state not in ON_STAGE:
            continue
        seen = place.state is CallPartyState.DROPPED or any(line.ends)
        media = media.with_line(place.party_id, replace(line, expected=True))
        effects.append(Post(ports.ExpectParty(media.call_id, place.party_id, place.label, seen)))
    return replace(state, media=media), tuple(effects)


def _held(state: State) -> Outcome:
    media, effects = state.media, list[Effect]()
    for party_id, line in state.media.lines.items():
        place = state.place(party_id)
        held = place is not None and place.state is CallPartyState.HELD
        if line.known and held is not line.held:
            media = media.with_line(party_id, replace(line, held=held))
            effects.append(Post(ports.HoldParty(media.call_id, party_id, held)))
    return replace(state, media=media), tuple(effects)


def _muted(state: State) -> Outcome:
    media, effects = state.media, list[Effect]()
    for party_id, line in state.media.lines.items():
        place = state.place(party_id)
        muted = place is not None and place.muted
        if line.known and muted is not line.muted:
            media = media.with_line(party_id, replace(line, muted=muted))
            effects.append(Post(ports.MuteParty(media.call_id, party_id, muted)))
    return replace(state, media=media), tuple(effects)


def _aside(state: State) -> Outcome:
    """After those who are held are: the stage says with whom the agent talks alone."""
    call, media = state.call, state.media
    assert call is not None
    if call.alone_with == media.alone_with:
        return state, ()
    told = Post(ports.SetAside(media.call_id, call.alone_with))
    return replace(state, media=replace(media, alone_with=call.alone_with)), (told,)


def _gone(state: State) -> Outcome:
    """Who was let go leaves the stage; who listens no more is cut off."""
    call, media = state.call, state.media
    assert call is not None
    places = {place.party_id for place in call.parties if place.state in ON_STAGE}
    ears = {STAFF + ear.staff_id for ear in call.listeners}
    left = [party_id for party_id in media.lines if party_id not in places]
    left += [ear for ear in media.ears if ear not in ears]
    lines = {party_id: line for party_id, line in media.lines.items() if party_id in places}
    heard = {ear: on for ear, on in media.ears.items() if ear in ears}
    effects: list[Effect] = [Post(ports.RemoveParty(call.call_id, party_id)) for party_id in left]
    log = media.log
    for party_id in left:
        log, reports = qualitylog.closed(log, party_id)
        effects += _reports(call.call_id, reports)
    return replace(state, media=replace(media, lines=lines, ears=heard, log=log)), tuple(effects)


def _heard(state: State) -> Outcome:
    """A whisper reaches the agent's ears while the service says that it is one."""
    call, media = state.call, state.media
    assert call is not None
    wanted = {STAFF + ear.staff_id: ear.whispering for ear in call.listeners}
    changed = {ear: wanted[ear] for ear, on in media.ears.items() if wanted.get(ear, on) is not on}
    effects = tuple(Post(ports.SetWhisper(call.call_id, ear, on)) for ear, on in changed.items())
    return replace(state, media=replace(media, ears={**media.ears, **changed})), effects


def tiles(state: State) -> Outcome:
    """The text under each customer's tile and the word on it, once they have one and whenever it changes."""
    case, media, effects = state.case, state.media, list[Effect]()
    for person in case.parties if case else []:
        line = media.line(person.party_id)
        text = parties.title(case, person) if case else ""
        tile = (text, helping.mark(person.helper))
        if (line.expected or line.answered) and tile != line.tile:
            media = media.with_line(person.party_id, replace(line, tile=tile))
            effects.append(Post(ports.SetPartyLine(media.call_id, person.party_id, *tile)))
    return replace(state, media=media), tuple(effects)


def answered(state: State, event: ports.LocalAnswer) -> Outcome:
    """The answer goes to whoever offered."""
    media = state.media
    if event.party_id not in media.ears:
        media = media.with_line(event.party_id, replace(media.line(event.party_id), answered=True, tile=("", "")))
    frame = Sdp(
        call_id=event.call_id,
        party_id=event.party_id,
        kind="answer",
        sdp=event.sdp,
        offer_id=event.offer_id or None,
    )
    state, written = tiles(replace(state, media=media))
    return state, (SendFrame(frame), *written)


def measured(state: State, event: ports.Quality, at: datetime | None) -> Outcome:
    """How good a customer's line is: for the screen, and from time to time for the record."""
    state = line_changed(state, event.party_id, quality=event)
    if at is None or event.again or event.judgement is None or event.party_id not in state.media.lines:
        return state, ()
    now = at + timedelta(seconds=state.clock_offset)
    log, reports = qualitylog.noted(state.media.log, event.party_id, event.judgement, event.round_trip_ms, now)
    return replace(state, media=replace(state.media, log=log)), tuple(_reports(event.call_id, reports))


def in_use(state: State, event: ports.ConnectionInUse, at: datetime | None) -> Outcome:
    """Between which ends a customer's picture and sound go from now on: for the record."""
    ends = (event.local_fingerprint, event.remote_fingerprint)
    state = line_changed(state, event.party_id, ends=ends)
    if at is None or event.party_id not in state.media.lines:
        return state, ()
    since = at + timedelta(seconds=state.clock_offset)
    message = ReportConnection(since=since, seat_fingerprint=ends[0], phone_fingerprint=ends[1])
    return state, (SendReport(f"/api/calls/{event.call_id}/parties/{event.party_id}/connection", message),)


def devices_changed(state: State, event: ports.DevicesChanged) -> Outcome:
    """A device came, went or was replaced; that the voice goes unprocessed is said once for each reason."""
    media = replace(state.media, devices=(event.camera, event.microphone))
    texts = [event.message] if event.message else []
    if event.unprocessed not in ("", state.unprocessed):
        texts.append(event.unprocessed)
    state = replace(state, media=media, unprocessed=event.unprocessed or state.unprocessed)
    return state, tuple(Say(Tone.CAUTION, text) for text in texts)


def unreported(state: State) -> list[SendReport]:
    """What is known of the lines of a call that goes on and has not been reported: for the window's end."""
    lines = _reports(state.media.call_id, qualitylog.closed(state.media.log)[1])
    return [*lines, *recording.over(state.media), *reading.over(state.media)]


def _reports(call_id: str, reports: Sequence[qualitylog.Report]) -> list[SendReport]:
    return [SendReport(f"/api/calls/{call_id}/parties/{report.party_id}/quality", report.message) for report in reports]


def line_changed(state: State, party_id: str, **changes: object) -> State:
    """Something that the engine tells of one customer's connection; of a listener's nothing is kept."""
    line: Line | None = state.media.lines.get(party_id)
    if line is None:
        return state
    return replace(state, media=state.media.with_line(party_id, replace(line, **changes)))  # type: ignore[arg-type]


def carried(state: State) -> list[str]:
    """The customers whose picture or sound comes at the moment."""
    return [party_id for party_id, line in state.media.lines.items() if line.peer == "connected"]
