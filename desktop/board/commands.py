"""The supervisor's commands, one after the other: what is given while another is under way waits for it."""

from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from desktop.bridge import Bridge, Trouble
from signing.wire.base import Tone

T = TypeVar("T")
MOST_WAITING = 8
"""Given while one is under way; each takes a moment."""
WAITS = "前一项还在办理，这一项随后自动办理"
FULL = "前面的操作还没有办完，这一项没有办理，请稍后再试"
LEFT = "离开时有 {} 项操作还没有办理，不会再办，请重新登录后办理"
SWITCHING = "正在切换旁听，请稍候"
SWITCHES = ("listen",)
"""Pressed again while it turns, a switch would turn to where it is."""


@dataclass(frozen=True)
class _Command:
    what: str
    asking: Coroutine[Any, Any, Any]
    then: Callable[[Any], None] | None


class Commands:
    """A reason that was written is never lost: a command is carried out in its turn, or it is said that it is not.

    ``busy`` is told what is under way, empty for nothing; ``say`` and ``complain`` speak to the supervisor.
    """

    def __init__(
        self,
        bridge: Bridge,
        busy: Callable[[str], None],
        say: Callable[[Tone, str], None],
        complain: Callable[[Trouble], None],
    ) -> None:
        self._bridge, self._busy, self._say, self._complain = bridge, busy, say, complain
        self._waiting: deque[_Command] = deque()
        self._now = ""

    def send(self, what: str, asking: Coroutine[Any, Any, T], then: Callable[[T], None] | None = None) -> None:
        """``then`` takes the answer."""
        command = _Command(what, asking, then)
        if not self._now:
            self._begin(command)
        elif what in SWITCHES and what in (self._now, *(one.what for one in self._waiting)):
            self._leave(command, Tone.NOTICE, SWITCHING)
        elif len(self._waiting) >= MOST_WAITING:
            self._leave(command, Tone.CAUTION, FULL)
        else:
            self._waiting.append(command)
            self._say(Tone.NOTICE, WAITS)

    @property
    def waiting(self) -> int:
        """How many have not begun."""
        return len(self._waiting)

    def stop(self) -> None:
        """What has not begun is not carried out any more, and that is said."""
        left = len(self._waiting)
        while self._waiting:
            self._waiting.popleft().asking.close()
        if left:
            self._say(Tone.CAUTION, LEFT.format(left))

    def _leave(self, command: _Command, tone: Tone, words: str) -> None:
        command.asking.close()
        self._say(tone, words)

    def _begin(self, command: _Command) -> None:
        self._now = command.what
        self._busy(command.what)

        def done(answer: Any) -> None:
            self._next()
            if command.then is not None:
                command.then(answer)

        self._bridge.call(command.asking, done, self._refused)

    def _refused(self, trouble: Trouble) -> None:
        self._complain(trouble)
        self._next()

    def _next(self) -> None:
        self._now = ""
        self._busy("")
        if self._waiting:
            self._begin(self._waiting.popleft())
