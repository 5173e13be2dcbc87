"""The reducer: what follows from each thing that happens at the seat."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from desktop.model import workspace as w
from desktop.model.workspace import reduce
from media import ports
from media.core.quality import Cause
from signing.wire.base import Tone
from signing.wire.case import Answer, StepKey
from signing.wire.quality import ReportConnection, ReportQuality
from signing.wire.signal import Sdp
from signing.wire.staff import Presence, SeatView
from tests.unit.desktop import views


def pushed(view: SeatView) -> w.Pushed:
    return w.Pushed(view, views.NOW)


def in_call(step: StepKey = StepKey.IDENTITY) -> w.State:
    view = views.view(Presence.ON_CALL, talk=views.call(), about=views.case(step))
    return reduce(w.State(), pushed(view))[0]


def offered(step: StepKey = StepKey.IDENTITY) -> w.State:
    return reduce(in_call(step), w.Offered(Sdp(call_id="c1", kind="offer", sdp="v=0")))[0]


def connected() -> w.State:
    return reduce(offered(), w.Happened(ports.PeerChanged("c1", "p1", "connected")))[0]


def began(path: Path = Path("r.mp4")) -> ports.RecordingBegan:
    return ports.RecordingBegan("c1", path, views.NOW, 1280, 720, 15, "h264", "aac")


def test_the_service_clock_is_learnt_from_each_view() -> None:
    view = views.view(at=views.NOW + timedelta(seconds=3))
    assert reduce(w.State(), pushed(view))[0].clock_offset == 3.0


def test_a_new_offer_rings_once_and_stops_when_it_goes() -> None:
    state, effects = reduce(w.State(), pushed(views.view(ring=views.offer())))
    assert effects == (w.Ring(),)
    state, effects = reduce(state, pushed(views.view(ring=views.offer())))
    assert effects == ()
    assert reduce(state, pushed(views.view()))[1] == (w.StopRinging(),)


@pytest.mark.parametrize("now", list(Presence))
def test_a_call_that_went_with_the_seat_is_told_until_it_is_read(now: Presence) -> None:
    """Whoever hung up, or whose call a supervisor ended, wraps it up; the service tells them why."""
    said = [one for one in reduce(in_call(), pushed(views.view(now)))[1] if isinstance(one, w.Say)]
    assert bool(said) is (now is Presence.OFFLINE)
    assert all(one.stays and "通话已不在本席" in one.text for one in said)
    assert not [one for one in reduce(w.State(), pushed(views.view(now)))[1] if isinstance(one, w.Say)]


def test_a_new_call_opens_the_engines_call_with_the_service_clock() -> None:
    view = views.view(Presence.ON_CALL, talk=views.call(), about=views.case(), at=views.NOW + timedelta(seconds=2))
    state, effects = reduce(w.State(), pushed(view))
    opened = effects[0]
    assert isinstance(opened, w.Post)
    assert opened.command == ports.OpenCall("c1", "2026-00318", "07号席", "客户经理 张敏", 2.0)
    assert state.media.call_id == "c1"
    assert not any(isinstance(e, w.Post) for e in reduce(state, pushed(view))[1])


def test_an_offer_that_overtakes_its_view_waits_for_it() -> None:
    sdp = Sdp(call_id="c1", kind="offer", sdp="v=0")
    state, effects = reduce(w.State(), w.Offered(sdp))
    assert effects == ()
    view = views.view(Presence.ON_CALL, talk=views.call(), about=views.case())
    state, effects = reduce(state, pushed(view))
    assert w.Post(ports.RemoteOffer("c1", "p1", "借款人 王*国", "v=0")) in effects
    assert state.pending_offers == ()


def test_an_offer_in_a_call_goes_straight_to_the_engine_and_an_answer_to_the_phone() -> None:
    state = in_call()
    _, effects = reduce(state, w.Offered(Sdp(call_id="c1", kind="offer", sdp="again", offer_id="o2")))
    assert effects == (w.Post(ports.RemoteOffer("c1", "p1", "借款人 王*国", "again", "o2")),)
    answer = ports.LocalAnswer("c1", "p1", "v=1", "sha-256 A", "sha-256 B", "o2")
    state, effects = reduce(state, w.Happened(answer))
    assert effects[0] == w.SendFrame(Sdp(call_id="c1", party_id="p1", kind="answer", sdp="v=1", offer_id="o2"))
    assert state.media.fingerprints == ("", ""), "it may never carry anything"


SEAT, PHONE, OTHER = (f"sha-256 {':'.join([byte] * 32)}" for byte in ("AA", "BB", "CC"))


def in_use(state: w.State, phone: str, party: str = "p1", seconds: float = 0) -> tuple[w.State, tuple[w.Effect, ...]]:
    event = ports.ConnectionInUse("c1", party, SEAT, phone)
    return w.reduce(state, w.Happened(event, views.NOW + timedelta(seconds=seconds)))


def test_each_connection_in_use_is_reported_with_its_own_ends_on_the_services_clock() -> None:
    state = replace(offered(), clock_offset=5.0)
    for phone, seconds in ((PHONE, 1.0), (OTHER, 60.0)):
        state, effects = in_use(state, phone, seconds=seconds)
        since = views.NOW + timedelta(seconds=seconds + 5)
        message = ReportConnection(since=since, seat_fingerprint=SEAT, phone_fingerprint=phone)
        assert effects == (w.SendReport("/api/calls/c1/parties/p1/connection", message),)
        assert state.media.fingerprints == (SEAT, phone)


def test_a_recording_tells_of_the_connection_that_stands_when_it_begins() -> None:
    answer = ports.LocalAnswer("c1", "p1", "v=1", "sha-256 A", "sha-256 B")
    state, _ = reduce(offered(), w.Happened(answer))
    state, _ = in_use(state, PHONE)
    for happened in (ports.PeerChanged("c1", "p1", "connected"), began()):
        state, _ = reduce(state, w.Happened(happened))
    assert reduce(state, w.Happened(segment(1)))[1] == (w.ReportRecording(began(), (SEAT, PHONE)),)


def test_a_connection_of_a_stranger_or_without_a_time_is_not_reported() -> None:
    state, effects = in_use(offered(), PHONE, "p9")
    assert (state.media.fingerprints, effects) == (("", ""), ())
    assert reduce(state, w.Happened(ports.ConnectionInUse("c1", "p1", SEAT, PHONE)))[1] == ()
    assert in_use(w.State(), PHONE)[1] == (), "of a call that is over neither"


def test_recording_begins_with_the_first_connection_only() -> None:
    state, effects = reduce(offered(), w.Happened(ports.PeerChanged("c1", "p1", "connected")))
    assert effects == (w.BeginRecording("c1", "2026-00318"),)
    state, effects = reduce(state, w.Happened(began()))
    assert effects == ()
    state, effects = reduce(state, w.Happened(segment(0)))
    assert effects == (), "the header alone is no recording"
    state, effects = reduce(state, w.Happened(segment(1)))
    assert effects == (w.ReportRecording(began(), ("", "")),)
    assert reduce(state, w.Happened(segment(2)))[1] == ()
    for peer in ("disconnected", "connected"):
        state, effects = reduce(state, w.Happened(ports.PeerChanged("c1", "p1", peer)))
        assert effects == ()
    assert state.media.recording is w.Recording.RUNNING


def segment(index: int) -> ports.SegmentClosed:
    return ports.SegmentClosed("c1", index, 0, 10, float(index), views.digest("5"), views.digest("6"))


def ended(path: str = "r.mp4") -> ports.RecordingEnded:
    return ports.RecordingEnded("c1", Path(path), views.NOW, 5.0, 10, views.digest("7"), (), ())


def test_a_recording_that_could_not_start_is_tried_again_ever_more_seldom() -> None:
    state, failed = connected(), w.Happened(ports.Failed("c1", "StartRecording", "磁盘已满"))
    waits = []
    for _ in range(2000):
        state, (say, retry) = reduce(state, failed)
        assert isinstance(say, w.Say)
        assert isinstance(retry, w.RetryRecording)
        waits.append(retry.seconds)
        assert state.media.recording is w.Recording.BROKEN
        assert reduce(state, w.RecordingDue("c9")) == (state, ())
        state, effects = reduce(state, w.RecordingDue("c1"))
        assert effects == (w.BeginRecording("c1", "2026-00318"),)
    assert waits[:6] == [1, 2, 4, 8, 16, 30]
    assert waits[-1] == 30


def test_a_recording_that_breaks_is_kept_for_what_it_holds_and_a_further_file_begun() -> None:
    state = reduce(connected(), w.Happened(began()))[0]
    state = reduce(state, w.Happened(segment(1)))[0]
    state, effects = reduce(state, w.Happened(ports.Failed("c1", "recording", "录像写不下去了", fatal=True)))
    assert effects == (
        w.Say(Tone.STOP, "录像写不下去了"),
        w.Post(ports.StopRecording("c1")),
        w.RetryRecording("c1", 1.0),
    )
    state, effects = reduce(state, w.Happened(ended()))
    assert effects == (w.Deliver(ended()),)
    assert state.media.recording is w.Recording.BROKEN
    state, effects = reduce(state, w.RecordingDue("c1"))
    assert effects == (w.BeginRecording("c1", "2026-00318"),)
    state = reduce(state, w.Happened(began(Path("second.mp4"))))[0]
    assert reduce(state, w.RecordingDue("c1")) == (state, ())
    state, effects = reduce(state, w.Happened(segment(1)))
    assert effects == (w.ReportRecording(began(Path("second.mp4")), ("", "")),)
    assert state.media.attempts == 0
    assert reduce(state, w.Happened(ended("second.mp4")))[0].media.recording is w.Recording.ENDED


def test_the_end_of_the_call_closes_the_engines_and_its_recording_is_still_delivered() -> None:
    state, effects = reduce(connected(), pushed(views.view(Presence.WRAP_UP, about=views.case())))
    assert effects == (w.Post(ports.CloseCall("c1")),)
    ended = ports.RecordingEnded("c1", Path("r.mp4"), views.NOW, 5.0, 10, views.digest("7"), (), ())
    assert reduce(state, w.Happened(ended))[1] == (w.Deliver(ended),)


def test_events_of_another_call_change_nothing() -> None:
    state = connected()
    strange = ports.SnapshotTaken("c9", "p1", views.NOW, b"", 1, 1)
    assert reduce(state, w.Happened(strange)) == (state, ())


def test_the_phone_is_shown_each_line_once() -> None:
    lines = [views.line(1, Answer.YES), views.line(2)]
    view = views.view(Presence.ON_CALL, talk=views.call(), about=views.case(StepKey.DISCLOSURE, lines=lines))
    state, effects = reduce(w.State(), pushed(view))
    assert w.SendLine("k1", "p1", 2) in effects
    again = [views.line(1, Answer.YES), views.line(2, Answer.REPEAT)]
    view = views.view(Presence.ON_CALL, talk=views.call(), about=views.case(StepKey.DISCLOSURE, lines=again))
    assert not [e for e in reduce(state, pushed(view))[1] if isinstance(e, w.SendLine)]


def test_the_tile_says_the_step_once_there_is_a_tile_and_when_it_changes() -> None:
    answer = ports.LocalAnswer("c1", "p1", "v=1", "", "")
    state, effects = reduce(in_call(StepKey.IDENTITY), w.Happened(answer))
    assert effects[1:] == (w.Post(ports.SetPartyLine("c1", "p1", "步骤1")),)
    view = views.view(Presence.ON_CALL, talk=views.call(), about=views.case(StepKey.READING))
    state, effects = reduce(state, pushed(view))
    assert [effect.command for effect in effects if isinstance(effect, w.Post)] == [
        ports.SetPartyLine("c1", "p1", "步骤3")
    ]
    assert reduce(state, pushed(view))[1] == ()


def test_a_snapshot_needs_a_picture_and_is_asked_for_once() -> None:
    assert reduce(in_call(), w.SnapshotAsked())[1] == ()
    state, effects = reduce(connected(), w.SnapshotAsked())
    assert effects == (w.Post(ports.TakeSnapshot("c1", "p1")),)
    assert reduce(state, w.SnapshotAsked())[1] == ()
    taken = ports.SnapshotTaken("c1", "p1", views.NOW, b"jpeg", 640, 480)
    state, effects = reduce(state, w.Happened(taken))
    assert effects == (w.SendSnapshot("k1", taken),)
    assert not state.media.snapping


def measured(state: w.State, cause: Cause, seconds: float) -> tuple[w.State, list[w.SendReport]]:
    event = views.quality(4 if cause is Cause.FINE else 1, cause)
    state, effects = w.reduce(state, w.Happened(event, views.NOW + timedelta(seconds=seconds)))
    return state, [effect for effect in effects if isinstance(effect, w.SendReport)]


def test_a_lines_quality_is_shown_at_once_and_reported_when_it_has_changed() -> None:
    state, told = replace(connected(), clock_offset=5.0), list[w.SendReport]()
    for number in range(30):
        state, more = measured(state, Cause.LOSSY if number >= 10 else Cause.FINE, 2.0 * number)
        told += more
    quality = state.line.quality
    assert quality is not None
    assert quality.judgement is not None
    assert quality.judgement.cause is Cause.LOSSY
    (report,) = told
    assert report.path == "/api/calls/c1/parties/p1/quality"
    assert isinstance(report.message, ReportQuality)
    assert report.message.since == views.NOW + timedelta(seconds=3), "on the service's clock, from the first look on"
    assert report.message.cause == "lossy"


def test_what_is_left_of_a_line_is_reported_when_the_call_ends_or_the_party_leaves() -> None:
    state = connected()
    for number in range(5):
        state, _ = measured(state, Cause.FINE, 2.0 * number)
    _, effects = w.reduce(state, pushed(views.view(Presence.WRAP_UP)))
    (report,) = [effect for effect in effects if isinstance(effect, w.SendReport)]
    assert isinstance(report.message, ReportQuality)
    assert report.message.until - report.message.since == timedelta(seconds=10)


def test_what_is_left_of_the_lines_is_known_for_the_windows_end() -> None:
    assert w.unreported(w.State()) == []
    state = connected()
    for number in range(5):
        state, _ = measured(state, Cause.FINE, 2.0 * number)
    (report,) = w.unreported(state)
    assert report.path == "/api/calls/c1/parties/p1/quality"
    assert isinstance(report.message, ReportQuality)
    assert report.message.until - report.message.since == timedelta(seconds=10)


def test_without_a_time_nothing_is_put_on_record_and_of_a_stranger_neither() -> None:
    state, effects = w.reduce(connected(), w.Happened(views.quality(1, Cause.LOSSY)))
    assert (state.media.log.open, effects) == ({}, ())
    state, effects = w.reduce(state, w.Happened(views.quality(1, Cause.LOSSY, "p9"), views.NOW))
    assert (state.media.log.open, effects) == ({}, ())


def test_mute_is_a_switch_of_the_call() -> None:
    assert reduce(w.State(), w.MuteToggled())[1] == ()
    state, effects = reduce(connected(), w.MuteToggled())
    assert effects == (w.Post(ports.SetMuted("c1", True)),)
    assert reduce(state, w.MuteToggled())[1] == (w.Post(ports.SetMuted("c1", False)),)


def test_a_second_call_takes_nothing_over_from_the_first() -> None:
    state = replace(connected(), proof_open=True)
    view = views.view(Presence.ON_CALL, talk=views.call("c2"), about=views.case())
    state, effects = reduce(state, pushed(view))
    assert next(e.command for e in effects if isinstance(e, w.Post)) == ports.CloseCall("c1")
    assert state.media == reduce(w.State(), pushed(view))[0].media
    assert state.media.call_id == "c2"
    assert not state.proof_open


@pytest.mark.parametrize(
    ("stage", "left"), [(w.UploadStage.SENDING, 1), (w.UploadStage.STUCK, 1), (w.UploadStage.DONE, 0)]
)
def test_uploads_wait_until_they_are_done(stage: w.UploadStage, left: int) -> None:
    state, _ = reduce(w.State(), w.UploadMoved(w.Upload("i1", "2026-00318", stage)))
    assert len(w.waiting_uploads(state)) == left


def test_the_seat_tells_whose_picture_comes() -> None:
    lines = {"p1": w.Line(peer="connected"), "p2": w.Line(peer="disconnected"), "p3": w.Line()}
    assert w.carried(w.State(media=w.Media(call_id="c1", lines=lines))) == ["p1"]
    assert w.carried(w.State()) == []


def test_a_device_that_goes_in_the_call_is_told() -> None:
    event = ports.DevicesChanged("c1", "摄像头", "内置麦克风", "内置扬声器", "麦克风“耳麦”断开了，已改用“内置麦克风”")
    state, effects = reduce(in_call(), w.Happened(event))
    assert effects == (w.Say(Tone.CAUTION, event.message),)
    assert state.media.devices == ("摄像头", "内置麦克风")
    assert reduce(w.State(), w.Happened(event))[1] == (), "of another call"


def test_that_the_voice_is_not_processed_is_said_once() -> None:
    event = ports.DevicesChanged("c1", "a", "b", "c", unprocessed="没有回声消除")
    state, effects = reduce(in_call(), w.Happened(event))
    assert effects == (w.Say(Tone.CAUTION, "没有回声消除"),)
    state, effects = reduce(state, w.Happened(replace(event, microphone="d")))
    assert effects == ()
    healed, effects = reduce(state, w.Happened(replace(event, unprocessed="")))
    assert effects == ()
    assert reduce(healed, w.Happened(event))[1] == ()
    assert reduce(healed, w.Happened(replace(event, unprocessed="声音处理出错")))[1] != ()
