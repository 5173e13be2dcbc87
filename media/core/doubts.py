"""Whether a recording shows and sounds what the engine knows: one piece of it after another goes in, doubts come out.

Pure: pieces carry what was decoded beside what was known of the same moments. A person who sits still is no fault, and
neither is a minute without a word: a tile counts as frozen where what was *received* is repeated exactly, and as stuck
where the received picture moves and the recorded one does not. Seconds are file time throughout.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from media.core.lag import lag_seconds
from media.core.looks import BLACK_FOR, DARK, Look, Person

HOLE = 0.25
MURMUR = 0.02
DEAF = 0.1
"""The share of what was said below which nothing of it is in the recording."""
SPOKEN = 50
"""Steps of 20 ms with somebody speaking that are judged together: a second of words."""
MOSTLY = 0.9
APART, DRIFTING, GROWN = 0.08, 0.04, 0.015
"""Seconds between sound and picture that are a doubt at once; that are one where they grow by so much in a few."""
EARLY = 0.14
"""Seconds by which the sound of a fragment may begin before its picture: a fragment ends with the last picture of its
second, when the sound of the last hundredths is not there yet."""
MOST = 3
"""Lasting doubts of one kind; more of them say nothing more: the file is in ruins."""
STEPS = 125
"""Of 20 ms, in which the sound is looked for at another place."""


class Kind(StrEnum):
    """What can be wrong."""

    BLACK = "black"
    FROZEN = "frozen"
    STUCK = "stuck"
    SILENT = "silent"
    APART = "apart"
    STALLED = "stalled"
    HOLE = "hole"
    ALTERED = "altered"
    UNREADABLE = "unreadable"
    BROKEN = "broken"

    @property
    def remedy(self) -> str:
        """What the agent can do about it."""
        return REMEDIES[self]

    @property
    def lasting(self) -> bool:
        """Whether it cannot become good again: what is missing in a recording stays missing."""
        return self in (Kind.HOLE, Kind.ALTERED, Kind.UNREADABLE, Kind.BROKEN)


REMEDIES = {
    Kind.BLACK: "请检查摄像头是否关闭或被遮住",
    Kind.FROZEN: "请对方动一动；仍不变时，关闭再打开摄像头",
    Kind.STUCK: "请挂断后重新接通",
    Kind.SILENT: "请核对麦克风；仍没有声音时，挂断后重新接通",
    Kind.APART: "请关闭其他程序；仍然错开时，挂断后重新接通",
    Kind.STALLED: "请查看磁盘空间，关闭其他程序",
    Kind.HOLE: "请把缺的内容重新问一遍",
    Kind.ALTERED: "请保留本机文件，马上联系管理员",
    Kind.UNREADABLE: "请查看磁盘，马上联系管理员",
    Kind.BROKEN: "请把这几秒的内容重新问一遍",
}


@dataclass(frozen=True)
class Doubt:
    """Something is wrong with the recording ``since`` then; ``words`` say it in Chinese."""

    kind: Kind
    since: float
    words: str
    party_id: str = ""

    @property
    def identity(self) -> tuple[Kind, str, str]:
        """Kind and person; of a lasting kind each one stands for itself."""
        return self.kind, self.party_id, self.words if self.kind.lasting else ""


@dataclass(frozen=True)
class Step:
    """20 ms of sound. Levels 0…1: the loudest voice, the mix that was handed over, and what the recording holds."""

    seconds: float
    said: float
    mixed: float
    recorded: float


@dataclass(frozen=True)
class Piece:
    """A decoded fragment: where its picture and its sound begin and end, and what was known of that time."""

    index: int
    start: float
    end: float
    sound_start: float
    sound_end: float
    brightest: int
    """Luma of the brightest pixel of all pictures."""
    looks: tuple[Look, ...] = ()
    steps: tuple[Step, ...] = ()


class Judge:
    """Takes the pieces in their order; one that was left out in between only costs what its moments would have said."""

    def __init__(self) -> None:
        self._last: Piece | None = None
        self._dark_since: float | None = None
        self._people: dict[str, Person] = {}
        self._spoken: deque[Step] = deque(maxlen=SPOKEN)
        self._deaf_since: float | None = None
        self._apart_since: float | None = None
        self._steps: deque[Step] = deque(maxlen=STEPS)
        self._lags: deque[float] = deque(maxlen=5)
        self._sound = _Between()
        self._lasting: list[Doubt] = []

    def note(self, doubt: Doubt) -> None:
        """Something of a lasting kind was found outside: a fragment that cannot be read, or was altered."""
        known = [one.identity for one in self._lasting]
        if doubt.identity not in known and sum(one.kind is doubt.kind for one in self._lasting) < MOST:
            self._lasting.append(doubt)

    def take(self, piece: Piece) -> tuple[Doubt, ...]:
        """What is wrong after this piece, the lasting first."""
        self._holes(piece)
        self._listen(piece)
        self._look(piece)
        self._last = piece
        return self.standing(piece.end)

    def standing(self, now: float) -> tuple[Doubt, ...]:
        """What is wrong at ``now``."""
        dark = self._dark_since is not None and now - self._dark_since >= BLACK_FOR
        seen = [_dark(self._dark_since or 0.0)] if dark else self._faces()
        return (*self._lasting, *seen, *self._deaf(), *self._apart())

    # --- pictures ---

    def _look(self, piece: Piece) -> None:
        if piece.brightest >= DARK:
            self._dark_since = None
        elif self._dark_since is None:
            self._dark_since = piece.start
        for look in piece.looks:
            self._people.setdefault(look.party_id, Person()).observe(look)
        if piece.looks:
            here = {look.party_id for look in piece.looks}
            self._people = {who: person for who, person in self._people.items() if who in here}

    def _faces(self) -> list[Doubt]:
        return [doubt for party_id, person in self._people.items() for doubt in _face(party_id, person)]

    # --- sound ---

    def _listen(self, piece: Piece) -> None:
        if self._last is not None and self._last.index + 1 != piece.index:
            self._steps.clear()
        self._spoken.extend(step for step in piece.steps if step.said > MURMUR)
        self._steps.extend(piece.steps)
        self._hearken()
        self._sound.observe(piece)
        mixed, recorded = [step.mixed for step in self._steps], [step.recorded for step in self._steps]
        late = lag_seconds(mixed, recorded) if piece.steps and len(mixed) == STEPS else None
        if late is not None:
            self._lags.append(late)
        if not self._lateness():
            self._apart_since = None
        elif self._apart_since is None:
            self._apart_since = max(0.0, piece.start - 1.0)  # it took two pieces to be sure

    def _hearken(self) -> None:
        """Whether what was said last is in the recording."""
        lost = [step for step in self._spoken if step.recorded < DEAF * step.said]
        if len(self._spoken) < SPOKEN or len(lost) < MOSTLY * SPOKEN:
            self._deaf_since = None
        elif self._deaf_since is None:
            self._deaf_since = lost[0].seconds

    def _deaf(self) -> list[Doubt]:
        since = self._deaf_since
        return [] if since is None else [Doubt(Kind.SILENT, since, "有人说话，录像里却没有声音")]

    def _apart(self) -> list[Doubt]:
        late, since = self._lateness(), self._apart_since
        if since is None:
            return []
        return [Doubt(Kind.APART, since, f"录像的声音比画面{'晚' if late > 0 else '早'}约 {abs(late) * 1000:.0f} 毫秒")]

    def _lateness(self) -> float:
        """By how much the sound is late for sure; zero where it is not."""
        if self._sound.apart:
            return self._sound.apart
        sizes = [abs(late) for late in self._lags]
        twice = len(sizes) >= 2 and min(sizes[-2:]) > APART
        grows = len(sizes) == 5 and min(sizes) > DRIFTING and sizes[-1] - sizes[0] > GROWN
        return self._lags[-1] if twice or grows else 0.0

    # --- holes ---

    def _holes(self, piece: Piece) -> None:
        last = self._last
        if last is None or last.index + 1 != piece.index:
            return
        for what, end, start in (("画面", last.end, piece.start), ("声音", last.sound_end, piece.sound_start)):
            if start - end > HOLE:
                self.note(Doubt(Kind.HOLE, end, f"录像的{what}在 {clock(end)} 处缺了一截"))


class _Between:
    """How far the written sound ends before or after the written picture, by the file's own time stamps."""

    def __init__(self) -> None:
        self._ends: deque[float] = deque(maxlen=2)

    def observe(self, piece: Piece) -> None:
        ahead = piece.sound_start - piece.start
        self._ends.append(ahead if ahead > 0 else min(0.0, ahead + EARLY))

    @property
    def apart(self) -> float:
        """Zero where they belong together."""
        far = len(self._ends) == 2 and min(abs(end) for end in self._ends) > APART
        return self._ends[-1] if far else 0.0


def _face(party_id: str, person: Person) -> list[Doubt]:
    """What is wrong with one person's tile: one thing at most, the plainest."""
    for kind, since, words in (
        (Kind.BLACK, person.black_since(), "{}的画面全黑"),
        (Kind.FROZEN, person.frozen_since(), "{}的画面静止不动"),
        (Kind.STUCK, person.stuck_since(), "录像里{}的画面没有更新"),
    ):
        if since is not None:
            return [Doubt(kind, since, words.format(person.label), party_id)]
    return []


def _dark(since: float) -> Doubt:
    return Doubt(Kind.BLACK, since, "录像的画面全黑")


def clock(seconds: float) -> str:
    """Minutes and seconds of file time."""
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def newly(doubts: Sequence[Doubt], before: Sequence[Doubt]) -> list[Doubt]:
    """Those that were not there before."""
    known = {doubt.identity for doubt in before}
    return [doubt for doubt in doubts if doubt.identity not in known]
