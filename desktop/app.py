"""Composition root of the window.

Stable object names for tests and the unattended demonstration:

========================  ==========================================================================================
log-in                    login.user login.password login.code login.squares login.secret login.submit login.banner
                          login.banner.button login.owner_code login.new login.again
log-in over a call        again again.text again.password again.code again.submit
devices                   login.devices devices.camera devices.microphone devices.loudspeaker devices.level
                          devices.sound devices.echo devices.status devices.ok devices.cancel
                          devices.network devices.network.check
own password              password.old password.new password.again password.ok
window                    window window.title window.user banner banner.text toast toast.text
presence                  presence.available presence.away presence.badge
queue                     queue queue.title queue.day queue.upload
opening a case            queue.open opening opening.search opening.products opening.begin opening.ok opening.sentence
                          opening.beside opening.papers opening.paper opening.plan opening.draft.<id> opening.done
                          <path in NewCase> parties.add.<role> parties.<n>.find roster.text invited.<n>.copy .send
ring                      offer offer.title offer.accept offer.reject offer.countdown
parties                   case.parties party.1… party.admit party.hold party.remove party.helper
masked numbers            party.id_number party.phone, each with .reveal; audit.personal.* and audit.party likewise
a helper                  helper.name helper.relation helper.number helper.phone helper.ok helper.dismiss script.aside
transfer                  call.transfer transfer transfer.seats transfer.reason transfer.ok transfer.cancel
call                      stage.video stage.timer stage.recording stage.line call.mute call.snapshot bar.sentence
identity                  identity identity.front identity.face identity.accept identity.reject
a reason asked for        reason reason.text reason.common1… reason.ok reason.cancel (rejecting; accepting with doubts;
                          hanging up with an incomplete proof; an auditor seeing a masked number)
disclosure                script script.line script.progress script.yes script.no script.repeat script.nodded
reading, signing          progress progress.sentence
papers beside the stage   call.paper paper paper.page paper.which paper.where paper.before paper.after paper.lead
before hang-up            call.proof proof proof.badge proof.back call.hangup
case                      case case.number case.phase case.amount case.steps case.document.<kind>
after the call            closing closing.sentence outcome outcome.<code> outcome.note case.seal wrapup.finish
board                     board.figure.<name> board.waiting board.seats board.calls board.parties board.video
board, actions            board.listen board.whisper board.takeover board.transfer board.stop board.away
supervisor with a seat    supervisor.board supervisor.seat
audit, left               audit.search audit.list audit.count
audit, head               audit.title audit.verdict audit.verify audit.export audit.save
audit, player             audit.video audit.timeline audit.play audit.time audit.speed
audit, tabs               audit.tabs audit.events audit.script audit.documents audit.document.view audit.items
========================  ==========================================================================================
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from PySide6.QtCore import QLibraryInfo, QLocale, QStandardPaths, QTranslator
from PySide6.QtWidgets import QApplication

from desktop import mishaps
from desktop.bridge import Bridge
from desktop.client import Client
from desktop.devices.store import ChoiceStore
from desktop.engines import Engines
from desktop.signals import ending
from desktop.spool import Spool
from desktop.sweeping import Sweeping
from desktop.widgets import theme
from desktop.window import MainWindow
from media.devices import oneself
from media.ports import Engine, EngineOptions
from media.process.launch import FLAG
from signing.commandline.parser import Parser
from signing.wire.base import Tone

DEFAULT_SERVER = "http://127.0.0.1:8080"
NO_DISPLAY = """没有可用的显示器，窗口打不开。
  · 在有桌面的电脑上运行 pingqian-desktop --server 地址
  · 或在这台机器上无人值守地走完全程：pingqian demo --unattended"""


@dataclass(frozen=True)
class Options:
    """``data``: where recordings wait until the service holds them. ``appearance``: auto, light or dark.

    ``engine`` replaces the media engine made from ``media`` (its devices, or files standing in for them), which is a
    process of its own unless ``media_process`` is False.
    """

    server: str = DEFAULT_SERVER
    data: Path | None = None
    ca: Path | None = None
    appearance: str = "auto"
    media: EngineOptions = field(default_factory=EngineOptions)
    engine: Callable[[], Engine] | None = None
    media_process: bool = True


class Application:
    """The window and what it lives on. ``close`` ends threads, sockets and calls; nothing runs afterwards."""

    def __init__(self, qt: QApplication, options: Options) -> None:
        self.qt = qt
        self.options = options
        self._translators = translate(qt)
        theme.apply(qt, options.appearance)
        self._sweeping = Sweeping()
        self._sweeping.start()
        self.bridge = Bridge()
        self.client = Client(options.server, options.ca)
        folder = options.data if options.data is not None else default_data()
        self.engines = Engines(options, folder / "media")
        choices = ChoiceStore(folder / "devices.json")
        self.window = MainWindow(self.bridge, self.client, Spool(folder / "spool"), self.engines, choices)
        self._folder = folder
        self._closed = False

    def show(self) -> None:
        self.window.show()
        self.window.probe()

    def run(self) -> int:
        """Until the last window is closed, or a signal asks for its end."""
        with ending(self.qt), self.calm():
            try:
                self.show()
                return int(self.qt.exec())
            finally:
                self.close()

    @contextmanager
    def calm(self) -> Iterator[None]:
        """No defect is shown raw meanwhile: it is logged, and told by its number."""
        hooks = mishaps.Mishaps(self.tell)
        with mishaps.logged(self._folder):
            hooks.install()
            try:
                yield
            finally:
                hooks.remove()

    def tell(self, words: str) -> None:
        """A calm word about a defect, from any thread."""
        self.bridge.to_gui(lambda: self.window.toast.display(Tone.CAUTION, words))

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self.window.end()
        self.window.close()
        self.engines.close()
        self.bridge.finish(self.client.close())
        self.bridge.close()
        self._sweeping.stop()
        self.window.deleteLater()
        for translator in self._translators:
            self.qt.removeTranslator(translator)


def build(options: Options) -> Application:
    """The application in this process, not yet shown. Uses the QApplication that exists, or makes one."""
    existing = QApplication.instance()
    qt = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    qt.setApplicationName("pingqian")
    qt.setApplicationDisplayName("屏签")
    return Application(qt, options)


def translate(qt: QApplication) -> list[QTranslator]:
    """Qt's own dialogs in Chinese."""
    QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    loaded = []
    for name in ("qtbase_zh_CN", "qtmultimedia_zh_CN"):
        translator = QTranslator(qt)
        if translator.load(name, folder):
            qt.installTranslator(translator)
            loaded.append(translator)
    return loaded


def default_data() -> Path:
    """The user's own application data folder."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)
    return Path(place) if place else Path.home() / ".pingqian"


def has_display() -> bool:
    """On Linux a display server must be there, unless a platform without one is asked for."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM", "") not in ("", "xcb", "wayland"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _address(text: str) -> str:
    """As it is. Raises ``ArgumentTypeError`` for one that no service can have."""
    try:
        parts = urlsplit(text)
        complete = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        complete = False
    if not complete:
        raise argparse.ArgumentTypeError(f"“{text}”不是服务的地址，请写成 https://sign.example.cn 这样")
    return text


def parser() -> argparse.ArgumentParser:
    made = Parser(prog="pingqian-desktop", description="屏签：坐席与审计的窗口")
    server = os.environ.get("PINGQIAN_SERVER", DEFAULT_SERVER)
    made.add_argument("--server", type=_address, default=server, help="服务的地址")
    made.add_argument("--data", type=Path, help="本机数据文件夹（待上传的录像）")
    made.add_argument("--ca", type=Path, help="另外信任的证书机构（PEM），演示时使用")
    made.add_argument("--appearance", choices=("auto", "light", "dark"), default="auto", help="外观")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status 0 after a normal end, 3 where there is no display.

    An installed program is one file, and plays its own media process (``media.process.launch``).
    """
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == [FLAG]:
        from media.process.__main__ import main as serve

        return serve(given[1:])
    if given[:1] == [oneself.FLAG]:
        return oneself.play(given[1:])
    arguments = parser().parse_args(given)
    if not has_display():
        print(NO_DISPLAY, file=sys.stderr)
        return 3
    options = Options(arguments.server, arguments.data, arguments.ca, arguments.appearance)
    return build(options).run()
