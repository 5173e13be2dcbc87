"""Voice first, then repetitions, then pictures at a steady pace; nothing without bound."""

from media.core.sendqueue import BURST, FACTOR, FIRST, FIRST_FACTOR, MOST_PICTURES, MOST_VOICE, Kind, SendQueue

RATE = 800_000.0
PACE = RATE * FACTOR


def queue() -> SendQueue[str]:
    """One by which the first picture left long ago."""
    line: SendQueue[str] = SendQueue(RATE, -10.0)
    line.put(Kind.PICTURE, "first", 10)
    assert line.take(-10.0) == "first"
    for now in (-5.0, 0.0):
        line.set_rate(RATE, now)
    return line


def drain(line: SendQueue[str], now: float) -> list[str]:
    taken = []
    while (item := line.take(now)) is not None:
        taken.append(item)
    return taken


def test_order() -> None:
    line = queue()
    for kind, name in ((Kind.PICTURE, "p"), (Kind.AGAIN, "a"), (Kind.VOICE, "v")):
        line.put(kind, name, 10)
    assert [line.take(step * 1.0) for step in range(1, 5)] == ["v", "a", "p", None]


def test_a_large_picture_leaves_at_its_pace() -> None:
    line = queue()
    for place in range(40):
        line.put(Kind.PICTURE, str(place), 1250)
    times = [step / 1000 for step in range(400) for _ in drain(line, step / 1000)]
    assert len(times) == 40
    needed = 40 * 1250 * 8 / PACE
    assert 0.85 * needed < times[-1] < 1.05 * needed
    in_any_50_ms = max(sum(at <= other < at + 0.05 for other in times) for at in times)
    assert in_any_50_ms * 1250 * 8 < (0.05 + BURST) * PACE + 1250 * 8


def test_the_first_picture_leaves_faster_and_what_follows_does_not() -> None:
    line: SendQueue[str] = SendQueue(RATE, 0.0)
    for place in range(200):
        line.put(Kind.PICTURE, str(place), 1250)
    times = [step / 1000 for step in range(1000) for _ in drain(line, step / 1000)]
    early, late = sum(at < FIRST for at in times), sum(0.5 <= at < 0.5 + FIRST for at in times)
    assert early * 1250 * 8 / FIRST > 0.9 * FIRST_FACTOR * RATE
    assert late * 1250 * 8 / FIRST < 1.1 * PACE


def test_voice_never_waits_for_a_picture() -> None:
    line = queue()
    for place in range(40):
        line.put(Kind.PICTURE, str(place), 1250)
    drain(line, 0.0)
    line.put(Kind.VOICE, "v", 100)
    assert line.wait(0.0) == 0.0
    assert line.take(0.0) == "v"


def test_voice_counts() -> None:
    line = queue()
    for _ in range(20):
        line.put(Kind.VOICE, "v", 1250)
    drain(line, 0.0)
    line.put(Kind.PICTURE, "p", 100)
    assert line.take(0.01) is None
    wait = line.wait(0.01)
    assert wait is not None
    assert line.take(0.01 + wait) == "p"


def test_idle_time_saves_no_burst() -> None:
    line = queue()
    for place in range(100):
        line.put(Kind.PICTURE, str(place), 1250)
    assert len(drain(line, 100.0)) * 1250 * 8 < BURST * PACE + 2 * 1250 * 8


def test_wait_of_nothing() -> None:
    assert queue().wait(0.0) is None


def test_backlog_is_in_seconds() -> None:
    line = queue()
    line.put(Kind.PICTURE, "p", 13_000)
    assert abs(line.backlog() - 13_000 * 8 / PACE) < 1e-9
    line.set_rate(RATE / 2, 0.0)
    assert abs(line.backlog() - 13_000 * 16 / PACE) < 1e-9


def test_bounds() -> None:
    line = queue()
    for place in range(MOST_VOICE + 3):
        line.put(Kind.VOICE, str(place), 10)
    assert line.take(0.0) == "3"
    assert line.dropped == 3
    for _ in range(MOST_PICTURES):
        assert line.put(Kind.PICTURE, "p", 10)
    assert not line.put(Kind.PICTURE, "p", 10)
    assert line.drop_pictures() == MOST_PICTURES
    assert line.put(Kind.PICTURE, "p", 10)
