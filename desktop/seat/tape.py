"""The recordings of this seat: begun in the spool, made known to the service, delivered, taken up again."""

from collections.abc import Callable, Container
from pathlib import Path

from desktop import recovery
from desktop.bridge import Bridge, Trouble, Work
from desktop.client import Client
from desktop.model import workspace as w
from desktop.spool import Item, Spool, finished, started
from desktop.upload import Uploader
from media import ports
from media.errors import explain
from signing.wire.base import Tone

LOCKED = "上一个窗口没来得及存下这段录像的密钥，这一段以后打不开。正在重新开始录制，请把刚才办过的再确认一遍"


class Tape:
    """``feed`` takes what happens, ``post`` commands for the engine, ``say`` a toast, ``complain`` a refusal."""

    def __init__(
        self,
        bridge: Bridge,
        client: Client,
        spool: Spool,
        feed: Callable[[w.Input], None],
        post: Callable[[ports.Command], None],
        say: Callable[[Tone, str], None],
        complain: Callable[[Trouble], None],
        being_recorded: Callable[[], Container[Path]] = frozenset,
    ) -> None:
        self._bridge = bridge
        self._client = client
        self._spool = spool
        self._feed, self._post, self._say, self._complain = feed, post, say, complain
        self._being_recorded = being_recorded
        self._items: dict[str, Item] = {}
        self._uploader = Uploader(client, spool, self._moved, self._warn)
        self._works: list[Work] = []

    def start(self) -> None:
        """Takes up recordings that an earlier run left behind."""
        recover = recovery.recover_items(self._spool, self._client.server, self._being_recorded)
        self._works.append(self._bridge.call(recover, self._recovered, self._complain))

    def ending(self) -> None:
        """The engine is about to be stopped: deliveries go on, but only it says how its recording ended."""
        self._uploader.ending = True

    def stop(self) -> None:
        for work in self._works:
            work.cancel()

    def _moved(self, upload: w.Upload) -> None:
        self._bridge.to_gui(lambda: self._feed(w.UploadMoved(upload)))

    def _warn(self, text: str) -> None:
        self._bridge.to_gui(lambda: self._say(Tone.CAUTION, text))

    def follow(self, command: ports.Command) -> None:
        """What the engine is told of a call: its spool key is known from its beginning to its end."""
        match command:
            case ports.OpenCall(call_id=call_id):
                self._works.append(self._bridge.call(self._uploader.keys.hold(call_id)))
            case ports.CloseCall(call_id=call_id):
                self._works.append(self._bridge.call(self._uploader.keys.forget(call_id)))

    def left(self, event: ports.CallLeft) -> None:
        """The engine goes on with what an earlier window began, and hands its key over: that window may have gone
        before it could keep it."""
        running = event.recording
        item = self._item(running.path) if running is not None and running.key else None
        if running is None or item is None:
            return
        self._spool.adopt(item, running.key)
        if item.wrapped is None:
            self._works.append(self._bridge.call(self._uploader.keys.keep(item), None, self._complain))

    def begin(self, effect: w.BeginRecording) -> None:
        """Chooses a place and a key and tells the engine; a disk that takes none is a failed recording."""
        try:
            item = self._spool.create(self._client.server, effect.call_id, effect.case_no)
        except OSError as error:
            failed = ports.Failed(effect.call_id, "StartRecording", f"录像没有开始：{explain(error)}", fatal=True)
            self._feed(w.Happened(failed))
            return
        self._items[str(self._spool.video(item))] = item
        key = self._spool.key(item)
        assert key is not None, "a recording that begins has a key"
        self._post(ports.StartRecording(effect.call_id, self._spool.video(item), key, tracks=True))
        self._works.append(self._bridge.call(self._uploader.keys.keep(item), None, self._complain))

    def report(self, effect: w.ReportRecording) -> None:
        """Makes the recording known to the service, which gets its segments from now on. One whose key neither lies
        here nor came from the engine is no recording to anybody: it is ended, and a further one is begun."""
        item = self._item(effect.event.path)
        if item is None:
            return
        if self._spool.key(item) is None and item.wrapped is None:
            self._feed(w.Happened(ports.Failed(item.call_id, "recording", LOCKED, fatal=True)))
            return
        self._items[str(effect.event.path)] = item
        self._spool.began(item)
        try:
            item = self._spool.update(item, opened=started(effect.event, effect.fingerprints))
        except OSError as error:
            self._say(Tone.STOP, f"录像的记录写不进本机：{explain(error)}")
            return
        self._bridge.call(self._uploader.open(item), None, self._complain)
        self._works.append(self._bridge.call(self._uploader.deliver(item), None, self._complain))

    def checked(self, event: ports.RecordingChecked) -> None:
        """What was read back here is kept for it no more."""
        item = self._items.get(str(event.path))
        if item is not None:
            self._spool.checked(item, event.unread)

    def deliver(self, event: ports.RecordingEnded) -> None:
        """The end of a recording: the rest of it is brought to the service."""
        item = self._item(event.path)
        if item is None:
            return
        self._items.pop(str(event.path), None)
        try:
            item = self._spool.update(item, finished=finished(event))
            self._spool.ended(item)
        except OSError as error:
            self._say(Tone.STOP, f"录像留在本机，下次登录时补传：{explain(error)}")
            return
        self._upload(item)

    def _item(self, path: Path) -> Item | None:
        """One of this window's, or one that an earlier window began."""
        known = self._items.get(str(path))
        return known or next((item for item in self._spool.items() if self._spool.video(item) == path), None)

    def salvage(self) -> None:
        """The engine is gone: what it was recording is made whole and delivered."""
        items, self._items = list(self._items.values()), {}
        for item in items:
            self._spool.ended(item)
        if items:
            made_whole = recovery.recover_these(self._spool, items)
            self._works.append(self._bridge.call(made_whole, self._salvaged, self._complain))

    def _salvaged(self, found: recovery.Leftovers) -> None:
        self._tell_broken(found)
        for item in found.whole:
            self._upload(item)

    def _upload(self, item: Item) -> None:
        total = item.finished.size if item.finished else 0
        self._feed(w.UploadMoved(w.Upload(item.item_id, item.case_no, total=total)))
        self._works.append(self._bridge.call(self._uploader.deliver(item), None, self._complain))

    def _recovered(self, found: recovery.Leftovers) -> None:
        items = found.whole
        self._tell_broken(found)
        if items:
            self._say(Tone.NOTICE, f"找到上次未上传完的录像 {len(items)} 份，正在补传")
        for item in items:
            self._upload(item)

    def _tell_broken(self, found: recovery.Leftovers) -> None:
        for item, why in found.broken:
            self._feed(w.UploadMoved(w.Upload(item.item_id, item.case_no, w.UploadStage.STUCK, message=why)))
