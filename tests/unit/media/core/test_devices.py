"""Which device is used, and what is said of a change."""

import pytest

from media.core.devices import (
    Device,
    DeviceChoice,
    Kind,
    Processing,
    Refusals,
    choose,
    echoes,
    numbered,
    of_kind,
    words,
)

BUILT_IN = Device(Kind.MICROPHONE, "pulse:built-in", "内置麦克风", "pulse:built-in")
HEADSET = Device(Kind.MICROPHONE, "pulse:usb-headset", "USB 耳麦", "pulse:usb-headset")
SPEAKER = Device(Kind.LOUDSPEAKER, "pulse:usb-headset", "USB 耳麦", "pulse:usb-headset")
BOTH = (BUILT_IN, HEADSET)


@pytest.mark.parametrize(
    ("wanted", "present", "using", "refused", "expected"),
    [
        ("", BOTH, "", (), BUILT_IN),
        (HEADSET.key, BOTH, "", (), HEADSET),
        (HEADSET.key, (BUILT_IN,), HEADSET.key, (), BUILT_IN),
        (HEADSET.key, BOTH, BUILT_IN.key, (), HEADSET),
        ("", BOTH, HEADSET.key, (), HEADSET),
        (HEADSET.key, BOTH, HEADSET.key, (HEADSET.key,), BUILT_IN),
        (HEADSET.key, (HEADSET,), "", (HEADSET.key,), None),
        ("", (), BUILT_IN.key, (), None),
    ],
    ids=[
        "the system's first", "the wanted one", "another when it is pulled out", "again when it returns",
        "no change without a wish", "another when it is silent", "nothing works", "nothing there",
    ],
)  # fmt: skip
def test_choosing(
    wanted: str, present: tuple[Device, ...], using: str, refused: tuple[str, ...], expected: Device | None
) -> None:
    assert choose(wanted, present, using, refused) == expected


def test_kinds_with_the_same_key_are_kept_apart() -> None:
    assert of_kind((BUILT_IN, SPEAKER, HEADSET), Kind.MICROPHONE) == [BUILT_IN, HEADSET]
    assert of_kind((BUILT_IN, SPEAKER, HEADSET), Kind.LOUDSPEAKER) == [SPEAKER]


def test_two_of_the_same_make_can_be_told_apart() -> None:
    camera = Device(Kind.CAMERA, "v4l2:Webcam", "Webcam", "v4l2:/dev/video0")
    other = Device(Kind.CAMERA, "v4l2:Webcam", "Webcam", "v4l2:/dev/video2")
    first, second, speaker = numbered([camera, other, SPEAKER])
    assert first == camera
    assert (second.key, second.name, second.address) == ("v4l2:Webcam#2", "Webcam（2）", "v4l2:/dev/video2")
    assert speaker == SPEAKER


def test_what_the_agent_is_told() -> None:
    kind, wanted = Kind.MICROPHONE, HEADSET.key
    assert (
        words(kind, HEADSET, BUILT_IN, wanted, gone=True)
        == "麦克风“USB 耳麦”断开了，已改用“内置麦克风”，插回后会自动换回"
    )
    assert words(kind, BUILT_IN, HEADSET, wanted, gone=True) == "麦克风“内置麦克风”断开了，已改用“USB 耳麦”"
    assert words(kind, BUILT_IN, HEADSET, wanted, gone=False) == "麦克风“USB 耳麦”已接回，现在用它"
    assert words(kind, None, BUILT_IN, wanted, gone=False) == "已接上麦克风“内置麦克风”"
    lost = words(kind, HEADSET, None, wanted, gone=True)
    assert lost == "麦克风“USB 耳麦”断开了，没有别的麦克风可用，对方现在听不到您。请检查连线，插回后会自动接上"
    assert "您现在听不到客户" in words(Kind.LOUDSPEAKER, SPEAKER, None, "", gone=True)
    assert "摄像头已断开" in words(Kind.CAMERA, Device(Kind.CAMERA, "c", "摄像头一"), None, "", gone=True)


def test_what_the_agent_did_themselves_is_not_told() -> None:
    assert words(Kind.MICROPHONE, HEADSET, BUILT_IN, "", gone=False) == ""
    assert words(Kind.MICROPHONE, HEADSET, HEADSET, HEADSET.key, gone=False) == ""
    assert words(Kind.MICROPHONE, BUILT_IN, HEADSET, HEADSET.key, gone=False, asked=True) == ""
    assert words(Kind.MICROPHONE, None, None, "", gone=True) == ""


def test_a_stand_in_for_a_headset_may_be_heard_in_the_room() -> None:
    assert echoes(Processing.LOUDSPEAKER, "", "any")
    assert not echoes(Processing.HEADSET, "headset", "headset")
    assert not echoes(Processing.HEADSET, "", "whatever the system says")
    assert echoes(Processing.HEADSET, "headset", "built-in")
    assert not echoes(Processing.OFF, "headset", "built-in")


def test_what_does_not_work_is_tried_later_and_later_and_at_once_when_it_returns() -> None:
    refusals = Refusals()
    refusals.note(HEADSET.key, 100.0)
    assert refusals.keys(BOTH, 114.9) == {HEADSET.key}
    assert refusals.keys(BOTH, 115.0) == frozenset()
    refusals.note(HEADSET.key, 115.0)
    assert refusals.keys(BOTH, 174.9) == {HEADSET.key}
    assert refusals.keys(BOTH, 175.0) == frozenset()
    for moment in (200.0, 500.0, 2000.0):
        refusals.note(HEADSET.key, moment)
    assert refusals.keys(BOTH, 2000.0 + Refusals.LAST - 1) == {HEADSET.key}
    assert refusals.keys((BUILT_IN,), 2001.0) == frozenset()
    assert refusals.keys(BOTH, 2002.0) == frozenset(), "it was away in between"


def test_what_has_worked_again_for_a_while_begins_anew() -> None:
    refusals = Refusals()
    for moment in (100.0, 120.0, 200.0):
        refusals.note(HEADSET.key, moment)
    refusals.works(HEADSET.key)
    assert refusals.keys(BOTH, 201.0) == frozenset()
    refusals.note(HEADSET.key, 900.0)
    assert not refusals.quiet(HEADSET, BUILT_IN), "told as the first time"
    assert refusals.keys(BOTH, 900.0 + Refusals.FIRST) == frozenset()


def test_a_choice_names_each_kind() -> None:
    choice = DeviceChoice("c", "m", "l")
    assert [choice.wanted(kind) for kind in Kind] == ["c", "m", "l"]
    assert choice.processing is Processing.LOUDSPEAKER


def test_another_attempt_with_what_does_not_work_is_not_told_again() -> None:
    refusals = Refusals()
    assert not refusals.quiet(None, HEADSET)
    refusals.note(HEADSET.key, 100.0)
    assert not refusals.quiet(HEADSET, BUILT_IN), "the first time it is told"
    assert refusals.quiet(BUILT_IN, HEADSET), "an attempt"
    refusals.note(HEADSET.key, 120.0)
    assert refusals.quiet(HEADSET, BUILT_IN), "that failed as well"
    refusals.keys((BUILT_IN,), 121.0)
    assert not refusals.quiet(BUILT_IN, HEADSET), "it was pulled out and put back"
