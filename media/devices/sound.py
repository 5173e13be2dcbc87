"""The microphone and the loudspeaker of one call, whichever these are at the moment."""

import threading
import time
from collections.abc import Callable, Sequence

from media.core.devices import Device, DeviceChoice, Kind, Processing, Refusals, choose, echoes, of_kind, words
from media.core.mixing import Samples, level
from media.core.murmur import Sound as Heard
from media.devices.soundlink import SoundLink
from media.devices.soundwire import News, Order
from media.errors import Unavailable
from media.voice import NO_LOUDSPEAKER, Silence, Speaker, VoiceSource

KINDS = (Kind.MICROPHONE, Kind.LOUDSPEAKER)
ATTEMPTS = 5
"""Devices tried in one go."""
STEADY = 60.0
"""Seconds after which a process that ended is not held against the processing."""
LEVEL_EVERY = 5
FAULTY = "声音处理出错，已停用回声消除和降噪。请戴耳麦通话"


class Sound:
    """``media.voice``'s VoiceSource and Speaker in one: ``take`` and ``play`` are for the sound clock, and never fail.

    ``settle`` and ``close`` are for the devices' thread; ``wake`` asks for the next ``settle``. ``processed`` says
    whether the voice is. ``on_level``, where set, is told the microphone's level ten times a second.
    """

    def __init__(self, wake: Callable[[], None], stand_in: VoiceSource, heard: Speaker | None) -> None:
        self._wake = wake
        self._stand_in: VoiceSource = stand_in
        self._heard = heard
        self._link: SoundLink | None = None
        self._using: dict[Kind, Device | None] = dict.fromkeys(KINDS)
        self._choice = DeviceChoice()
        self._refusals = Refusals()
        self._news: list[str] = []
        self._crashes = 0
        self._began = 0.0
        self._closed = False
        self._lock = threading.Lock()
        self._loudest, self._count = 0.0, 0
        self.processed = False
        self.unclean = ""
        self.on_level: Callable[[float], None] | None = None
        self.muted = False
        """The agent's voice is not meant to be heard."""
        self._sound = Heard.THERE

    # --- for people ---

    @property
    def name(self) -> str:
        """Of the microphone, or of what stands in."""
        device = self._using[Kind.MICROPHONE]
        return device.name if device else self._stand_in.name

    @property
    def loudspeaker(self) -> str:
        """Of the loudspeaker, or of what stands in."""
        device = self._using[Kind.LOUDSPEAKER]
        return device.name if device else self._heard.name if self._heard else NO_LOUDSPEAKER

    @property
    def microphone_gone(self) -> bool:
        """There was one, and there is none now."""
        return self._using[Kind.MICROPHONE] is None and isinstance(self._stand_in, Silence)

    @property
    def silent(self) -> str:
        """The microphone that is meant to be heard and gives nothing, not even a room's murmur; empty for none."""
        device = self._using[Kind.MICROPHONE]
        return device.name if device and self._sound is not Heard.THERE and not self.muted else ""

    # --- on the sound clock ---

    def take(self) -> Samples:
        """The next 20 ms of the microphone."""
        link = self._link
        if link is None or self._using[Kind.MICROPHONE] is None:
            self._measure(0.0)
            return self._stand_in.take()
        samples = link.take()
        self._measure(level(samples))
        return samples

    def play(self, samples: Samples) -> None:
        """The next 20 ms for the loudspeaker; it also is the microphone's beat."""
        link = self._link
        if link is not None:
            link.play(samples)
        if self._heard is not None and self._using[Kind.LOUDSPEAKER] is None:
            self._heard.play(samples)

    def _measure(self, loudness: float) -> None:
        tell = self.on_level
        if tell is None:
            return
        self._loudest = max(self._loudest, loudness)
        self._count += 1
        if self._count >= LEVEL_EVERY:
            tell(self._loudest)
            self._loudest, self._count = 0.0, 0

    # --- on the thread of the devices ---

    def settle(self, choice: DeviceChoice, present: Sequence[Device]) -> list[str]:
        """Opens what is to be used; returns what the agent should be told, in Chinese."""
        with self._lock:
            if self._closed:
                return []
            self._note_crash()
            before, there = dict(self._using), {device.key for device in present}
            broken = self._open(choice, present)
            said = [
                words(
                    kind,
                    before[kind],
                    self._using[kind],
                    choice.wanted(kind),
                    gone=_gone(before[kind], there, broken),
                    asked=choice.wanted(kind) != self._choice.wanted(kind),
                )
                for kind in KINDS
                if not self._refusals.quiet(before[kind], self._using[kind])
            ]
            self._choice = choice
            told, self._news = self._news, []
            return [text for text in (*said, *told) if text]

    def _open(self, choice: DeviceChoice, present: Sequence[Device]) -> frozenset[str]:
        for _ in range(ATTEMPTS):
            broken = self._refusals.keys(present, time.monotonic())
            order = self._order(choice, present, broken)
            if order == (self._link.order if self._link else Order()):
                break
            self._restart(order)
        return broken

    def _order(self, choice: DeviceChoice, present: Sequence[Device], broken: frozenset[str]) -> Order:
        microphone, loudspeaker = (
            choose(choice.wanted(kind), of_kind(present, kind), _key(self._using[kind]), broken) for kind in KINDS
        )
        if microphone is None and loudspeaker is None:
            return Order()
        clean = choice.processing is not Processing.OFF and self._crashes < 2
        echo = clean and echoes(choice.processing, choice.loudspeaker, _key(loudspeaker))
        return Order(microphone, loudspeaker, clean, echo)

    def _restart(self, order: Order) -> None:
        self._stop()
        self._using = {kind: order.device(kind) for kind in KINDS}
        self._sound = Heard.THERE
        if order.microphone is not None:
            self._stand_in = Silence()  # beeps over a real conversation would harm it
        if order == Order():
            return
        self.processed = order.clean
        if order.clean:
            self.unclean = ""
        try:
            link = SoundLink(order, self._hear)
        except Unavailable as error:
            self._refuse(order, str(error))
            return
        if not link.wait():
            link.close()
            self._refuse(order, "")
            return
        self._began = time.monotonic()
        self._link = link

    def _stop(self) -> None:
        link, self._link = self._link, None
        self.processed = False
        if link is not None:
            link.close()

    def _refuse(self, order: Order, message: str) -> None:
        for kind in KINDS:
            device = order.device(kind)
            if device is not None:
                self._refusals.note(device.key, time.monotonic())
        self._using = dict.fromkeys(KINDS)
        self._news += [message] if message else []

    def _note_crash(self) -> None:
        link = self._link
        if link is None or not link.ended.is_set():
            return
        now = time.monotonic()
        self._crashes = self._crashes + 1 if now - self._began < STEADY else 1
        self._stop()
        if self._crashes == 2:
            self.unclean = FAULTY
        if self._crashes > 3:
            self._refuse(link.order, "")

    def _hear(self, news: News) -> None:
        """On the link's thread."""
        kind = news.refused or news.lost
        device = self._using[Kind(kind)] if kind else None
        if device is not None:
            self._refusals.note(device.key, time.monotonic())
        if news.unclean:
            self.processed, self.unclean = False, news.unclean
        if news.sound:
            self._sound = Heard(news.sound)
        if not news.opened:
            self._wake()

    def close(self) -> None:
        """Ends the process; harmless twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._stop()
            self._stand_in.close()
            if self._heard is not None:
                self._heard.close()


def _key(device: Device | None) -> str:
    return device.key if device else ""


def _gone(device: Device | None, there: set[str], broken: frozenset[str]) -> bool:
    return device is not None and (device.key not in there or device.key in broken)
