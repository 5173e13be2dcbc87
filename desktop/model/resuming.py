"""A call that goes on in the media engine without this window: taken up where it stands, or ended. And the reverse: an
engine that broke down and begins anew in a call that goes on. Pure.
"""

from dataclasses import replace

from desktop.model import calling, paging, reading, recording
from desktop.model.happenings import Effect, Outcome, Post, RetryRecording, Salvage, Say
from desktop.model.state import Line, Media, Reading, Recording, State
from media import ports
from media.core.layout import Layout
from signing.wire.base import Tone
from signing.wire.case import StepKey
from signing.wire.staff import Presence

GIVEN_UP = (
    "窗口关闭得太久，刚才的通话已不在本席：客户回到排队最前面，或已由他人接手、办完。"
    "已完成的步骤都在，录像会自动补传。按 F2 继续接待"
)
AGAIN_SECONDS = 1.0
"""Until the next part of the recording is begun."""


def left(state: State, event: ports.CallLeft) -> Outcome:
    """What becomes of it depends on the service's view, which may not be there yet."""
    state = replace(state, left=event.call_id)
    return settled(state) if state.view is not None else (state, ())


def settled(state: State) -> Outcome:
    """With the service's view: its own call is opened, and so taken up, by ``calling``; any other one is over."""
    call_id, view = state.left, state.view
    if not call_id or view is None:
        return state, ()
    state = replace(state, left="")
    if state.call is not None and state.call.call_id == call_id:
        return state, ()
    given_up = state.call is None and view.presence is not Presence.WRAP_UP  # a wrap-up tells it by itself
    told = (Say(Tone.CAUTION, GIVEN_UP, stays=True),) if given_up else ()
    return state, (*told, Post(ports.CloseCall(call_id)))


def resumed(state: State, event: ports.Resumed) -> Outcome:
    """Everybody is where the commands of the earlier window have put them; who has gone meanwhile goes now. With all
    steps done the agent was at the proof."""
    media = state.media
    for command in event.commands:
        media = _with(media, command)
    state = replace(state, media=media, proof_open=state.step is StepKey.PROOF)
    state, effects = calling.follow(state)
    state, turned = paging.follow(state)
    state, read = reading.follow(state)
    pages = [command.page for command in event.commands if isinstance(command, ports.ShowDocument)]
    if state.media.page is None and pages[-1:] not in ([], [None]):  # a page that nobody reads any more
        turned = (Post(ports.ShowDocument(event.call_id, None)),)
    return state, (*effects, *turned, *read)


def _with(media: Media, command: ports.Command) -> Media:
    match command:
        case ports.SetMuted(muted=muted):
            return replace(media, muted=muted)
        case ports.RemoteOffer(party_id=party_id, listener=True):
            return replace(media, ears={party_id: False, **media.ears})
        case ports.SetWhisper(party_id=party_id, on=on):
            return replace(media, ears={**media.ears, party_id: on})
        case ports.ExpectParty(party_id=party_id):
            return media.with_line(party_id, replace(media.line(party_id), expected=True))
        case ports.RemoteOffer(party_id=party_id):
            return media.with_line(party_id, replace(media.line(party_id), offered=True, answered=True))
        case ports.HoldParty(party_id=party_id, held=held):
            return media.with_line(party_id, replace(media.line(party_id), held=held))
        case ports.MuteParty(party_id=party_id, muted=muted):
            return media.with_line(party_id, replace(media.line(party_id), muted=muted))
        case ports.SetPartyLine(party_id=party_id, text=text, mark=mark):
            return media.with_line(party_id, replace(media.line(party_id), tile=(text, mark)))
        case ports.SetAside(party_id=alone_with):
            return replace(media, alone_with=alone_with)
        case ports.SetLayout(layout=layout):
            return replace(media, layout=layout)
        case ports.PlaySound(call_id=call_id, sound_id=sound_id):
            return replace(media, reading=Reading.of(call_id, sound_id))
    return media


def restarted(state: State, event: ports.EngineRestarted) -> Outcome:
    """The call is opened again with a tile for everybody, the phones offer anew by themselves, and a further recording
    is begun."""
    call = state.call
    if event.call_id != state.media.call_id or call is None:
        return state, (Salvage(),)
    before = state.media
    wanted = before.recording in (Recording.STARTING, Recording.RUNNING, Recording.BROKEN)
    media = Media(
        call_id=before.call_id,
        lines={party_id: Line(ends=line.ends) for party_id, line in before.lines.items()},
        recording=Recording.BROKEN if wanted else Recording.NONE,
        attempts=before.attempts,
        muted=before.muted,
        alone_with=before.alone_with,
        layout=before.layout,
        log=before.log,
    )
    effects: list[Effect] = [
        Say(Tone.CAUTION, event.message),
        Salvage(),
        *recording.over(before),
        *reading.over(before),
    ]
    state, placed = calling.placed(replace(state, media=media))
    effects += [Post(calling.opening(state, call)), *placed]
    if before.muted:
        effects.append(Post(ports.SetMuted(before.call_id, True)))
    if before.alone_with is not None:
        effects.append(Post(ports.SetAside(before.call_id, before.alone_with)))
    if before.layout is not Layout.AUTO:
        effects.append(Post(ports.SetLayout(before.call_id, before.layout)))
    if wanted:
        effects.append(RetryRecording(before.call_id, AGAIN_SECONDS))
    state, turned = paging.follow(state)
    return state, (*effects, *turned)
