"""The dialog of the devices in the window: before the log-in, between calls, and in a call."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from desktop.board.desk import BoardDesk
from desktop.bridge import Bridge
from desktop.devices.dialog import DevicesDialog
from desktop.devices.source import CallSource, Source, TrialSource
from desktop.devices.store import ChoiceStore
from desktop.seat.desk import Desk
from media.core.devices import DeviceChoice
from media.ports import CallOpened
from signing.wire.base import Tone

KEY = "F9"


class DevicesOfWindow(QObject):
    """``open`` shows the dialog, and so does its key. ``said(Tone, str)`` is for a toast.

    ``serve`` names the desks whose engines are told of a choice; ``leave`` forgets them. A customer who rings closes
    the dialog, since the engine will need the devices. ``make`` opens them outside a call; ``network`` makes what tries
    the network.
    """

    said = Signal(object, str)

    def __init__(
        self,
        bridge: Bridge,
        store: ChoiceStore,
        window: QWidget,
        make: Callable[[Bridge, DeviceChoice], Source] = TrialSource,
        network: Callable[[], QWidget | None] = lambda: None,
    ) -> None:
        super().__init__(window)
        self._bridge, self._store, self._window, self._make = bridge, store, window, make
        self._network = network
        self._desks: list[Desk | BoardDesk] = []
        self.dialog: DevicesDialog | None = None
        shortcut = QShortcut(QKeySequence(KEY), window)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(self.open)

    @property
    def choice(self) -> DeviceChoice:
        return self._store.choice

    def loudspeaker(self) -> tuple[str, str]:
        """Key and name of the chosen one; both empty for the system's own."""
        key = self.choice.loudspeaker
        return key, self._store.names.get(key, "")

    def serve(self, desk: Desk | BoardDesk) -> None:
        self._desks.append(desk)
        desk.choose_devices(self.choice)
        if isinstance(desk, Desk):
            desk.rang.connect(self._ring)
            desk.devices.connect(lambda event: self._opened(desk, event))

    def leave(self) -> None:
        self.close()
        self._desks = []

    def open(self) -> None:
        """Does nothing where it is open."""
        if self.dialog is None:
            dialog = DevicesDialog(
                self._source(), self.choice, self._store.names, self._save, self._window, self._network()
            )
            dialog.finished.connect(self._ended)
            self.dialog = dialog
            dialog.open()

    def close(self) -> None:
        """As Esc does."""
        if self.dialog is not None:
            self.dialog.reject()

    def _source(self) -> Source:
        for desk in self._desks:
            if isinstance(desk, Desk) and desk.state.media.call_id:
                return CallSource(desk)
        return self._make(self._bridge, self.choice)

    def _ended(self, _: int) -> None:
        self.dialog = None

    def _ring(self, ringing: bool) -> None:
        if ringing:
            self.close()

    def _opened(self, desk: Desk, event: object) -> None:
        """An engine that has begun anew in the call knows nothing of a choice; to one that knows it nothing changes."""
        if isinstance(event, CallOpened):
            desk.choose_devices(self.choice)

    def _save(self, choice: DeviceChoice, names: Mapping[str, str]) -> None:
        for desk in self._desks:
            desk.choose_devices(choice)
        try:
            self._store.save(choice, names)
        except OSError:
            self.said.emit(Tone.CAUTION, "设备选择没能存到这台电脑上，本次登录期间仍然有效")
        else:
            self.said.emit(Tone.GOOD, "音视频设备已保存")
