"""What a new window is told of a call that goes on."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from media import ports
from media.process.journal import MOST_SEGMENTS, MOST_UNHEARD, Journal

PATH = Path("/spool/a/recording.mp4")
OPENED = ports.CallOpened("c1", "摄像头", "麦克风", "扬声器")
BEGAN = ports.RecordingBegan("c1", PATH, datetime(2026, 3, 18, tzinfo=UTC), 1280, 720, 15, "h264", "aac")


def segment(index: int, call_id: str = "c1") -> ports.SegmentClosed:
    return ports.SegmentClosed(call_id, index, 0, 10, float(index), "ab", "cd")


def ended(call_id: str = "c1") -> ports.RecordingEnded:
    return ports.RecordingEnded(call_id, PATH, datetime(2026, 3, 18, tzinfo=UTC), 3.0, 10, "ab", (), ())


def open_call(*events: ports.Event) -> Journal:
    made = Journal()
    made.command(ports.OpenCall("c1", "2026-00318", "07号席", "张××"))
    for number, event in enumerate((OPENED, *events), 1):
        made.event(number, event)
    return made


def commands(journal: Journal) -> tuple[ports.Command, ...]:
    (resumed,) = (event for event in journal.standing() if isinstance(event, ports.Resumed))
    return resumed.commands


def test_nothing_is_told_where_no_call_is_open() -> None:
    assert Journal().standing() == ()


def test_the_newest_of_each_party_is_told_and_the_recording_first() -> None:
    journal = open_call(
        ports.PeerChanged("c1", "p1", "connecting"),
        BEGAN,
        segment(0),
        ports.PeerChanged("c1", "p1", "connected"),
        ports.ConnectionInUse("c1", "p1", "a", "b"),
        ports.PeerChanged("c1", "p2", "connected"),
        segment(1),
        ports.LocalAnswer("c1", "p1", "v=0", "a", "b"),
    )
    assert journal.standing() == (
        ports.Resumed("c1", ()),
        OPENED,
        ports.ConnectionInUse("c1", "p1", "a", "b"),
        BEGAN,
        segment(0),
        segment(1),
        ports.PeerChanged("c1", "p1", "connected"),
        ports.PeerChanged("c1", "p2", "connected"),
    )


def test_the_commands_that_shaped_the_call_are_told_and_no_sdp_twice() -> None:
    journal = open_call()
    for command in (
        ports.RemoteOffer("c1", "p1", "借款人", "v=0 …"),
        ports.HoldParty("c1", "p1", True),
        ports.HoldParty("c1", "p1", False),
        ports.SetMuted("c1", False),
        ports.SetPartyLine("c1", "p1", "借款人 · 风险告知"),
        ports.ExpectParty("c1", "p2", "保证人"),
        ports.TakeSnapshot("c1", "p1"),
        ports.SetMuted("c1", True),
        ports.SetMuted("c9", False),
    ):
        journal.command(command)
    assert commands(journal) == (
        ports.RemoteOffer("c1", "p1", "借款人", ""),
        ports.HoldParty("c1", "p1", False),
        ports.SetPartyLine("c1", "p1", "借款人 · 风险告知"),
        ports.ExpectParty("c1", "p2", "保证人"),
        ports.SetMuted("c1", True),
    )


def test_the_devices_are_told_as_they_are_now_and_what_befell_them_is_not_said_again() -> None:
    journal = open_call(
        ports.DevicesChanged("c1", "另一摄像头", "麦克风", "耳机", "摄像头已拔出，改用另一摄像头", "没有回声消除")
    )
    now = ports.DevicesChanged("c1", "另一摄像头", "麦克风", "耳机", "", "没有回声消除")
    assert journal.standing() == (ports.Resumed("c1", ()), OPENED, now)
    journal.command(ports.OpenCall("c2", "2026-00319", "07号席", "张××"))
    assert journal.standing() == (ports.Resumed("c2", ()),)


def test_who_was_removed_is_told_of_no_more() -> None:
    journal = open_call(ports.PeerChanged("c1", "p1", "connected"), ports.PeerChanged("c1", "p2", "connected"))
    journal.command(ports.RemoteOffer("c1", "p1", "借款人", "v=0"))
    journal.command(ports.ExpectParty("c1", "p1", "借款人"))
    journal.command(ports.RemoteOffer("c1", "p2", "配偶", "v=0"))
    journal.command(ports.RemoveParty("c1", "p1"))
    assert commands(journal) == (ports.RemoteOffer("c1", "p2", "配偶", ""),)
    assert [event.party_id for event in journal.standing() if isinstance(event, ports.PeerChanged)] == ["p2"]


def test_a_recording_is_being_written_from_the_command_to_its_end() -> None:
    journal = open_call()
    assert journal.writing is None
    journal.command(ports.StartRecording("c1", PATH))
    assert journal.writing == PATH
    for number, event in enumerate((BEGAN, segment(0)), 10):
        journal.event(number, event)
    assert journal.writing == PATH
    journal.event(12, ended())
    assert journal.writing is None
    assert BEGAN not in journal.standing()


def test_a_recordings_key_is_known_while_it_is_made_and_stands_in_no_words() -> None:
    journal, begun = open_call(), ports.StartRecording("c1", PATH, b"k" * 32, tracks=True)
    journal.command(begun)
    assert journal.recording == begun
    assert "kkk" not in repr(journal)
    journal.event(10, ended())
    assert journal.recording is None


def test_the_late_end_of_a_part_leaves_the_next_and_its_key() -> None:
    journal, after = open_call(), PATH.with_name("next.mp4")
    second = ports.StartRecording("c1", after, b"k" * 32)
    journal.command(ports.StartRecording("c1", PATH, b"j" * 32))
    journal.event(10, BEGAN)
    journal.command(ports.StopRecording("c1"))
    journal.command(second)
    journal.event(11, ended())
    began = replace(BEGAN, path=after)
    journal.event(12, began)
    assert (journal.writing, journal.recording) == (after, second)
    assert began in journal.standing()
    journal.event(13, replace(ended(), path=after))
    assert journal.recording is None


def test_a_recording_that_could_not_begin_is_not_being_written() -> None:
    journal = open_call()
    journal.command(ports.StartRecording("c1", PATH))
    journal.event(2, ports.Failed("c1", "StartRecording", "磁盘已满"))
    assert journal.writing is None


def test_an_hour_and_more_of_segments_keeps_the_header_and_the_newest() -> None:
    journal = open_call(BEGAN, *(segment(index) for index in range(5000)))
    told = [event.index for event in journal.standing() if isinstance(event, ports.SegmentClosed)]
    assert told[0] == 0
    assert told[1:] == list(range(5000 - MOST_SEGMENTS, 5000))


def test_what_must_not_be_lost_waits_until_it_is_heard() -> None:
    journal = open_call(ended(), ports.Failed("c1", "camera", "摄像头中断了"), segment(3))
    snapshot = ports.SnapshotTaken("c1", "p1", datetime(2026, 3, 18, tzinfo=UTC), b"jpeg", 640, 480)
    journal.event(9, snapshot)
    assert [number for number, _ in journal.unheard()] == [2, 3, 9]
    journal.heard(3)
    assert journal.unheard() == ((9, snapshot),)


def test_the_end_of_a_recording_waits_though_its_call_is_over() -> None:
    journal = open_call(ended(), ports.CallClosed("c1"))
    assert journal.standing() == ()
    assert journal.unheard() == ((2, ended()),)


def test_what_nobody_hears_is_bounded_and_the_oldest_goes() -> None:
    journal = open_call()
    for number in range(200):
        journal.event(number, ports.Failed("c1", "stage", str(number)))
    assert [number for number, _ in journal.unheard()] == list(range(200 - MOST_UNHEARD, 200))


def test_a_call_that_does_not_open_is_none() -> None:
    journal = Journal()
    journal.command(ports.OpenCall("c1", "2026-00318", "07号席", "张××"))
    journal.event(1, ports.Failed("c1", "OpenCall", "没有字体"))
    assert journal.call_id == ""


def test_another_call_begins_with_nothing_of_the_one_before() -> None:
    journal = open_call(BEGAN, segment(0), ports.PeerChanged("c1", "p1", "connected"))
    journal.command(ports.SetMuted("c1", True))
    journal.command(ports.OpenCall("c2", "2026-00319", "07号席", "张××"))
    journal.event(20, ports.CallClosed("c1"))
    assert journal.standing() == (ports.Resumed("c2", ()),)


def test_the_newest_check_of_the_recording_is_told_after_it() -> None:
    checks = [ports.RecordingChecked("c1", PATH, index, float(index), 0, ()) for index in (1, 2)]
    assert open_call(BEGAN, *checks).standing()[-2:] == (BEGAN, checks[1])


def test_it_knows_whether_anybody_is_in_the_call() -> None:
    journal = open_call()
    assert not journal.somebody
    for number, (party, state, somebody) in enumerate(
        [
            ("p1", "connecting", True),
            ("p2", "connected", True),
            ("p1", "closed", True),
            ("p2", "disconnected", False),
            ("p2", "connected", True),
            ("p2", "failed", False),
        ]
    ):
        journal.event(100 + number, ports.PeerChanged("c1", party, state))
        assert journal.somebody is somebody, (party, state)
    journal.event(200, ports.PeerChanged("c1", "p3", "connected"))
    journal.command(ports.RemoveParty("c1", "p3"))
    assert not journal.somebody
