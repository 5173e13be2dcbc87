"""What the agent has said of a call that is over, until it is sent: kept sealed on this seat, where a window may die.

The key is that of the agent's drafts, which only the service gives, so that the file tells nobody else anything.
"""

import json
import logging
import os
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from desktop.bridge import Bridge
from desktop.model.state import State
from desktop.seat.desk import Desk
from media.errors import BrokenRecording
from media.sealing import seal, unseal
from signing.wire.call import Outcome
from signing.wire.opening import DraftKey
from signing.wire.staff import Presence

log = logging.getLogger(__name__)

KEEP_MS = 300
"""After the last stroke of a key."""
_PLACE = b"pingqian remark 1\0"

Remark = tuple[Outcome, str]


class RemarkFile:
    """One remark, of one case. What cannot be read, or is of another case, counts as none."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._key = path, key

    def save(self, case_id: str, remark: Remark) -> None:
        """Replaced as a whole. Raises OSError."""
        content = json.dumps({"outcome": remark[0].value, "note": remark[1]}, ensure_ascii=False).encode()
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(seal(self._key, content, _PLACE + case_id.encode()))
        fresh.replace(self._path)

    def load(self, case_id: str) -> Remark | None:
        try:
            content = json.loads(unseal(self._key, self._path.read_bytes(), _PLACE + case_id.encode()))
            return Outcome(content["outcome"]), str(content["note"])
        except (OSError, BrokenRecording, ValueError, KeyError, TypeError):
            return None


class Remarks(QObject):
    """Follows the desk: brings back what was said of the case that is wrapped up, and keeps what is said."""

    def __init__(self, bridge: Bridge, desk: Desk, path: Path) -> None:
        super().__init__(desk)
        self._bridge, self._desk, self._path = bridge, desk, path
        self._file: RemarkFile | None = None
        self._asked = False
        self._case = ""
        """Whose remark was looked for, and is kept."""
        self._kept: Remark | None = None
        self._clean = False
        """Nothing is on disk."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEEP_MS)
        self._timer.timeout.connect(self._keep)
        desk.changed.connect(self._follow)

    def _follow(self) -> None:
        state = self._desk.state
        if state.view is None:
            return
        if (case_id := _wrapped_up(state)) == "":
            self._forget()
        elif self._file is None:
            self._ask()
        elif case_id != self._case:
            self._look(self._file, case_id)
        elif _remark(state) != self._kept and not self._timer.isActive():
            self._timer.start()

    def _ask(self) -> None:
        if not self._asked:
            self._asked = True
            key = self._desk.client.post("/api/opening/draft-key", None, DraftKey)
            self._bridge.call(
                key, self._unlocked, lambda trouble: log.warning("remarks are not kept: %s", trouble.code)
            )

    def _unlocked(self, given: DraftKey) -> None:
        self._file = RemarkFile(self._path, bytes.fromhex(given.key))
        self._follow()

    def _look(self, file: RemarkFile, case_id: str) -> None:
        """What was typed meanwhile counts more than what an earlier window has kept."""
        self._case, self._kept, self._clean = case_id, None, False
        found = file.load(case_id)
        if found is not None and _remark(self._desk.state) is None:
            self._kept = found
            self._desk.state_outcome(*found)
        else:
            self._follow()

    def _keep(self) -> None:
        remark = _remark(self._desk.state)
        if self._file is None or remark is None or _wrapped_up(self._desk.state) != self._case:
            return
        try:
            self._file.save(self._case, remark)
            self._kept = remark
        except OSError:
            log.warning("a remark could not be kept")

    def _forget(self) -> None:
        """It was sent, or its time is over."""
        if self._clean:
            return
        self._case, self._kept, self._clean, self._asked = "", None, True, self._file is not None
        self._timer.stop()
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            log.warning("a remark could not be removed")


def _wrapped_up(state: State) -> str:
    """The case whose call is over and not wrapped up yet; empty where there is none."""
    if state.view is None or state.view.presence is not Presence.WRAP_UP or state.case is None:
        return ""
    return state.case.case_id


def _remark(state: State) -> Remark | None:
    """None before the agent has said anything themselves."""
    return None if state.outcome is None else (state.outcome, state.note)
