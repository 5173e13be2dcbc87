"""The real window in any state: what the service would push is put into its desk, and nobody answers its commands."""

import io
import itertools
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from PySide6.QtCore import QEventLoop, QPoint, QTimer
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QWidget

import desktop.window
from desktop.app import Application, Options, build
from desktop.audit.workspace import AuditWorkspace
from desktop.board.desk import BoardDesk
from desktop.bridge import Trouble
from desktop.demo.portrait import scene as face
from desktop.demo.specimen import Person, card_back, card_front
from desktop.model import board as b
from desktop.model import party as parties
from desktop.model import workspace as w
from desktop.opening.window import OpeningWindow
from desktop.seat.desk import Desk
from desktop.window import MainWindow
from media import ports
from media.compositor import Compositor, Header, TileState, TileView
from media.core.quality import Cause, Judgement, Look, Way
from media.engine import MediaEngine
from media.pictures import copied, from_rgb
from media.slots import LatestPicture
from signing.wire.case import PartyView
from signing.wire.staff import LoggedIn, Presence, SeatView, Staff, StaffRole
from tests.screenshots import film
from tests.screenshots.course import Course
from tests.screenshots.film import RATE
from tests.screenshots.registry import Screen
from tests.unit.desktop import looking, views

NOBODY = "http://127.0.0.1:9"
SETTLE = 60
"""Milliseconds for layouts, fonts and the first picture."""
BACK, FACE = views.digest("2"), views.digest("3")
"""The picture of a customer's face; any other is of a card."""
LIVE, DROPPED, HELD, WAITING = TileState.LIVE, TileState.DROPPED, TileState.HELD, TileState.WAITING


class _StillDesk(Desk):
    def start(self) -> None:
        """Stays as it is put."""


class _StillBoard(BoardDesk):
    def start(self) -> None:
        """Stays as it is put."""


class _Engine(MediaEngine):
    """Its stage shows one picture."""

    def __init__(self) -> None:
        super().__init__(ports.EngineOptions(use_devices=False))
        self.still = LatestPicture()

    def stage(self) -> ports.PictureSlot:
        return self.still

    def post(self, command: ports.Command) -> None:
        """Nothing is done: the picture stands."""


class Studio:
    """One window after another, each of ``look``'s size. ``course``: what the real service showed of a real case."""

    def __init__(self, course: Course, look: Screen) -> None:
        self.course, self._look = course, look
        self.engine = _Engine()
        self._folder = tempfile.TemporaryDirectory(prefix="screenshots-")
        self._numbers = itertools.count()
        self._application: Application | None = None
        vars(desktop.window).update(Desk=_StillDesk, BoardDesk=_StillBoard)

    # --- windows ---

    def window(self, server: str = NOBODY) -> MainWindow:
        """At the log-in; whatever was there before is gone."""
        self.end()
        data = Path(self._folder.name) / str(next(self._numbers))
        options = Options(server, data, appearance=self._look.appearance, engine=lambda: self.engine)
        self._application = build(options)
        vars(self._application.client).update(get_bytes=self._bytes)
        window = self._application.window
        window.resize(self._look.width, self._look.height)
        window.show()
        settle()
        return window

    async def _bytes(self, path: str) -> bytes:
        """The papers of the course, and a card or a face for every picture of a customer."""
        document = next((one for one in self.course.papers if one in path), None)
        if document is not None:
            return bytes.fromhex(self.course.papers[document])
        if "/images/" not in path:
            raise Trouble("没有这份文件")
        picture = Image.fromarray(face(0)) if path.endswith(FACE) else self._card(path)
        out = io.BytesIO()
        picture.convert("RGB").save(out, "JPEG")
        return out.getvalue()

    @staticmethod
    def _card(path: str) -> Image.Image:
        return card_back(Person()) if path.endswith(BACK) else card_front(Person())

    def enter(self, staff: Staff) -> MainWindow:
        window = self.window()
        window._entered(LoggedIn(token="t", expires_at=datetime.now(UTC) + timedelta(hours=8), staff=staff))
        return window

    def seat(self, state: w.State, picture: Sequence[TileView] = ()) -> MainWindow:
        """The agent's window in ``state``; ``picture``: who is to be seen on the stage."""
        assert state.view is not None
        window = self.enter(state.view.staff)
        self.engine.still.put(self._stage(state.view, picture) if picture else None)
        self.put(window, state)
        return window

    def put(self, window: MainWindow, state: w.State) -> None:
        """A further state into the same window."""
        desk = window.desk
        assert desk is not None
        desk.state = state if state.link.retry_seconds else replace(state, link=w.LinkState(up=True, message=""))
        desk.changed.emit()
        settle()

    def board(self, state: b.State) -> MainWindow:
        assert state.view is not None
        window = self.enter(state.view.staff)
        desk = window.board
        assert desk is not None
        link = w.LinkState(up=True, message="")
        desk.state = replace(state, link=link, clock_offset=_offset(state.view.server_time))
        if window.desk is not None:  # the supervisor's own seat
            window.desk.state = replace(window.desk.state, link=link)
            window.desk.changed.emit()
        desk.changed.emit()
        settle()
        return window

    def opening(self) -> OpeningWindow:
        """新建业务 over the seat's window, with nothing that it asked for come yet."""
        window = self.seat(self.state("idle"))
        assert window.opening is not None
        window.opening.open()
        made = window.opening.window
        assert made is not None
        made.resize(self._look.width, self._look.height)
        window.hide()
        until(lambda: made.toast.isVisible())  # nobody answers
        made.toast.hide()
        return made

    def folder(self) -> Path:
        """An empty one."""
        made = Path(self._folder.name) / str(next(self._numbers))
        made.mkdir()
        return made

    def film(self, moment: str, seconds: float = 2.0) -> list[ports.Picture]:
        """What the stage showed of everybody from that moment on."""
        view = self.course.seat[moment]
        people = view.case.parties if view.case else []
        began = datetime(2026, 11, 27, 10, 12, 8)  # noqa: DTZ001 - what the stage writes on itself
        compositor, pictures = Compositor(1280, 720), list[ports.Picture]()
        tiles = self.tiles(people)
        for number in range(int(seconds * RATE)):
            at = (began + timedelta(seconds=number / RATE)).strftime("%Y-%m-%d %H:%M:%S")
            header = Header(view.staff.seat_label, view.case.case_no if view.case else "", at, recording=True)
            pictures.append(copied(compositor.compose(header, tiles, number), number))
        return pictures

    def film_file(self, moment: str) -> Path:
        """The same in a file that Qt plays, written once."""
        file = Path(self._folder.name) / f"{moment}.mp4"
        if not file.exists():
            film.write(file, self.film(moment))
        return file

    def auditor(self) -> tuple[MainWindow, AuditWorkspace]:
        """At an empty list."""
        someone = self.course.seat["idle"].staff
        staff = someone.model_copy(
            update={"role": StaffRole.AUDITOR, "name": "林清", "seat_id": None, "seat_label": ""}
        )
        window = self.enter(staff)
        workspace = window.findChild(AuditWorkspace)
        assert isinstance(workspace, AuditWorkspace)
        until(lambda: window.toast.isVisible())  # nobody answers its first search
        window.toast.hide()
        return window, workspace

    def end(self) -> None:
        if self._application is not None:
            for top in QApplication.topLevelWidgets():
                if top is not self._application.window:
                    top.close()
            self._application.close()
            self._application = None
            settle(0)

    # --- states ---

    def state(self, moment: str, **of_state: Any) -> w.State:
        """As the service showed it at this moment, with everybody's line good and the recording running in a call.

        ``view``'s own fields and the state's may both be replaced.
        """
        view = self.course.seat[moment]
        in_view = {name: of_state.pop(name) for name in list(of_state) if name in SeatView.model_fields}
        view = view.model_copy(update=in_view)
        media = of_state.pop("media", self.media(view.case.parties if view.case else [])) if view.call else w.Media()
        return w.State(view=view, media=media, clock_offset=_offset(view.server_time), **of_state)

    def media(self, people: Sequence[PartyView], **of_media: Any) -> w.Media:
        lines = {
            one.party_id: w.Line(peer="connected", offered=True, answered=True, picture=True, quality=quality(4))
            for one in people
        }
        fields: dict[str, Any] = {
            "opened": True, "recording": w.Recording.RUNNING, "written": 42,
            "checked": ports.RecordingChecked("c", Path("r.mp4"), 42, 42.0, 0, ()),
        } | of_media  # fmt: skip
        return w.Media(call_id="c", lines=lines, **fields)

    def tiles(
        self, people: Sequence[PartyView], *states: TileState, seat: TileState = TileState.LIVE
    ) -> list[TileView]:
        """A face for each, with whatever is the matter with them, and the agent's own as the last."""
        shown = []
        for number, (one, state) in enumerate(itertools.zip_longest(people, states[: len(people)], fillvalue=LIVE)):
            assert not isinstance(one, TileState)
            assert isinstance(state, TileState)
            who = f"{one.role_title} {one.name_masked}"
            picture = from_rgb(face(number)) if state is LIVE else None
            bars, speaking = 0 if state is DROPPED else 4, number == 0 and picture is not None
            shown.append(TileView(who, self._step_of(one), state, picture, speaking=speaking, bars=bars))
        own = from_rgb(face(len(people))) if seat is LIVE else None
        return [*shown, TileView("坐席 张敏", "07号席", seat, own)]

    def _step_of(self, party: PartyView) -> str:
        case = self.course.seat["reading"].case
        return parties.title(case, party) if case is not None else ""

    def _stage(self, view: SeatView, tiles: Sequence[TileView]) -> ports.Picture:
        number = view.case.case_no if view.case else ""
        header = Header(view.staff.seat_label, number, "2026-11-27 10:12:08", recording=True)
        return Compositor(1280, 720).compose(header, list(tiles), 1)


def quality(bars: int, cause: Cause = Cause.FINE, party_id: str = "p1") -> ports.Quality:
    """What the engine tells of a customer's line."""
    way = Way(loss=0.12, frozen=0.1, pictures=11.0, delay=0.3, rate=150_000.0)
    judged = Judgement((1.0, 2.8, 3.3, 3.8, 4.3)[bars], bars, cause, Look(way, way, silent=cause is Cause.BROKEN))
    return ports.Quality("c", party_id, 11.0, 180.0, 12.0, 0.2, judged)


def on_call(state: w.State) -> bool:
    return state.view is not None and state.view.presence is Presence.ON_CALL


def _offset(then: datetime) -> float:
    """So that the moment of the view is now."""
    return (then - datetime.now(UTC)).total_seconds() + 4.0


# --- hands and eyes ---


def press(window: QWidget, name: str) -> None:
    """The button of this name, once it can be: what it is about may still be on its way."""
    found = window.findChild(QPushButton, name)
    assert isinstance(found, QPushButton), name
    until(found.isEnabled)
    found.click()
    settle()


def settle(milliseconds: int = SETTLE) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def until(ready: Callable[[], bool], seconds: float = 20.0) -> None:
    for _ in range(int(seconds * 50)):
        if ready():
            return
        settle(20)
    raise TimeoutError("the window never got there")


def photograph(window: QWidget) -> QPixmap:
    """The window with what lies over it, as a screen would show them."""
    settle()
    others = [top for top in QApplication.topLevelWidgets() if top.isVisible() and top is not window]
    for top in (*others, window):
        looking.settle(top)  # a busy machine is late with what layouts have put off
    taken = window.grab()
    painter = QPainter(taken)
    for top in sorted((one for one in others if one.width() > 60), key=_depth):
        at = QPoint((window.width() - top.width()) // 2, max(0, (window.height() - top.height()) // 2))
        if isinstance(top, QMenu):
            at = top.pos() - window.pos()
        else:
            painter.fillRect(window.rect(), QColor(0, 0, 0, 60))
        painter.drawPixmap(at, top.grab())
    painter.end()
    return taken


def _depth(top: QWidget) -> int:
    """How many windows it lies over: the order in which Qt has them is no order of the screen."""
    parent = top.parentWidget()
    return 0 if parent is None else 1 + _depth(parent.window())


def prepare(look: Screen) -> None:
    """Before the first window of this process."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = str(look.scale)
    os.environ["QT_LOGGING_RULES"] = "qt.multimedia*=false"
