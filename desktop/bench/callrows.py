"""The table of ``pingqian bench call``: medians over the seeds, ours beside Chromium's, both directions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from media.lab.trial import MOST_DECODING, MOST_LATE, MOST_STALLED, Kind, Trial, Way
from signing.commandline.bench.table import Row

LOSSY = ("loss5", "loss10", "loss20", "burst")
THIN = ("300k", "150k", "100k")
LONGEST_MS = 1000.0
QUEUE_MS = 300.0
WAYS: Sequence[tuple[str, Callable[[Trial], Way]]] = (
    ("手机→坐席", lambda trial: trial.up),
    ("坐席→手机", lambda trial: trial.down),
)


@dataclass(frozen=True)
class Aim:
    """``least`` and ``most``: times the anchor; ``cap`` in the figure's own unit. None: only recorded."""

    most: float | None = None
    least: float | None = None
    cap: float | None = None

    def words(self) -> str:
        said = [("≤", self.most, " 倍"), ("≥", self.least, " 倍"), ("≤", self.cap, "")]
        return "，".join(f"{sign} {value:g}{unit}" for sign, value, unit in said if value is not None)

    def met(self, ours: float, anchor: float) -> bool | None:
        checks = [
            self.most is None or ours <= self.most * anchor,
            self.least is None or ours >= self.least * anchor,
            self.cap is None or ours <= self.cap,
        ]
        return all(checks) if self != Aim() else None


@dataclass(frozen=True)
class Figure:
    """``of``: a way's figure, None where there was nothing to measure."""

    words: str
    unit: str
    of: Callable[[Way], float | None]
    aim: Callable[[str, str], Aim] = lambda link, way: Aim()
    """By the link's name and the direction's words."""
    with_delay: Callable[[Way], float | None] | None = None
    """A delay whose growth is told beside the figure: a smooth stream may be late."""


def _picture_delay(way: Way) -> float | None:
    return way.pictures.delay_ms


def _sound_delay(way: Way) -> float | None:
    return way.sound.delay_ms


def _held(way: Way) -> float | None:
    delay = way.sound.delay_ms
    return None if delay is None else delay - way.link_ms


def _if(aim: Aim, *links: str, way: str = "") -> Callable[[str, str], Aim]:
    """``aim`` on these links, or on all where none is named, in the direction that begins so."""
    return lambda link, words: aim if (link in links or not links) and words.startswith(way) else Aim()


FIGURES: Sequence[Figure] = (
    Figure("画面", "帧/秒", lambda way: way.pictures.per_second, _if(Aim(least=0.95), *THIN), _picture_delay),
    Figure(
        "画面冻结的时间", "%", lambda way: 100 * way.pictures.frozen_share, _if(Aim(most=1.2), *LOSSY), _picture_delay
    ),
    Figure(
        "最长的一次冻结", "毫秒", lambda way: way.pictures.longest_ms, _if(Aim(cap=LONGEST_MS), *THIN), _picture_delay
    ),
    Figure("画面延迟", "毫秒", _picture_delay),
    Figure("画面延迟 p95", "毫秒", lambda way: way.pictures.delay_p95_ms),
    Figure("首个画面", "毫秒", lambda way: way.pictures.first_ms, _if(Aim(most=1.1), "clean", "loss10")),
    Figure("缺失的声音", "%", lambda way: 100 * way.sound.missing_share, _if(Aim(most=1.0), *LOSSY), _sound_delay),
    Figure("声音延迟", "毫秒", _sound_delay),
    Figure("声音延迟 p95", "毫秒", lambda way: way.sound.delay_p95_ms),
    Figure("声音延迟（扣除链路）", "毫秒", _held, _if(Aim(most=1.5), "clean")),
    Figure("发送（含重传和包头）", "kbit/s", lambda way: way.offered_kbps),
    Figure("链路里的排队 p95", "毫秒", lambda way: way.queue_p95_ms, _if(Aim(cap=QUEUE_MS), "300k", way="手机")),
    Figure("中断后恢复画面", "毫秒", lambda way: way.back_ms, _if(Aim(most=1.5))),
)


def rows(link: str, trials: Sequence[Trial]) -> list[Row]:
    """Of one link; a figure that either side has nothing of in half of the seeds or more is told as missed."""
    out = []
    for words, way_of in WAYS:
        ours, anchors = ([way_of(t) for t in trials if t.kind is kind] for kind in (Kind.OURS, Kind.CHROMIUM))
        found = [_row(f"{link} {words} ", figure, ours, anchors, figure.aim(link, words)) for figure in FIGURES]
        out += [row for row in found if row is not None]
    aim = Aim(least=3.0) if link == "loss20" else Aim()
    ours_kbps, anchor_kbps = (median(t.video_kbps for t in trials if t.kind is k) for k in (Kind.OURS, Kind.CHROMIUM))
    met = aim.met(ours_kbps, anchor_kbps)
    return [*out, Row(f"{link} 手机编码的画面", ours_kbps, "kbit/s", aim.words(), met, anchor_kbps)]


def _row(prefix: str, figure: Figure, ours: Sequence[Way], anchors: Sequence[Way], aim: Aim) -> Row | None:
    our_value, anchor = middle([figure.of(way) for way in ours]), middle([figure.of(way) for way in anchors])
    if our_value is None and anchor is None:
        return None
    goal = prefix + figure.words + _late(figure, ours, anchors)
    if our_value is None:
        return Row(f"{goal}：没有等到", 0.0, figure.unit, aim.words(), False, anchor)
    if anchor is None:
        return Row(f"{goal}（Chromium 没有等到）", our_value, figure.unit, aim.words())
    return Row(goal, our_value, figure.unit, aim.words(), aim.met(our_value, anchor), anchor)


def _late(figure: Figure, ours: Sequence[Way], anchors: Sequence[Way]) -> str:
    if figure.with_delay is None:
        return ""
    mine, theirs = (middle([figure.with_delay(way) for way in ways]) for ways in (ours, anchors))
    return "" if mine is None or theirs is None else f"（延迟{mine - theirs:+.0f} 毫秒）"


def middle(values: Sequence[float | None]) -> float | None:
    """The median; None where half of the values or more are missing."""
    known = [value for value in values if value is not None]
    return median(known) if 2 * len(known) > len(values) else None


def machine_rows(trials: Sequence[Trial]) -> list[Row]:
    """Whether the machine kept up: measured on an overloaded one, nothing above counts."""
    wrong = sum(not trial.trusted for trial in trials)
    return [
        Row("模拟链路最迟的一个包", max(trial.late_ms for trial in trials), "毫秒"),
        _below("模拟链路迟到 10 毫秒以上的包（最差的一次）", max(trial.late_share for trial in trials), MOST_LATE),
        _below("通话的一方被机器耽搁的时间（最差的一次）", max(trial.stalled for trial in trials), MOST_STALLED),
        _below("通话的一方花在解码画面上的时间（最差的一次）", max(trial.decoding for trial in trials), MOST_DECODING),
        Row("机器超载、结果不可信的测量", float(wrong), f"次（共 {len(trials)} 次）", "0", wrong == 0),
        Row("系统负载（最高）", max(trial.load for trial in trials), "个进程"),
    ]


def _below(goal: str, share: float, most: float) -> Row:
    return Row(goal, 100 * share, "%", f"< {100 * most:g}", share < most)
