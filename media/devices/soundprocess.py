"""The process that holds microphone and loudspeaker: one block in, one block out.

A process of its own, because PortAudio sees only what was there when it began, because a driver whose device was pulled
out may hang, because the audio processing is a foreign library whose faults end its process, and because the callbacks
of a sound card must not wait for an engine that encodes. Each block that it is given to play it answers with the block
that the microphone heard, so that both stay on the engine's clock, and the echo canceller sees them side by side.
"""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import BinaryIO, TypeVar

import numpy as np

from media.core.devices import Device, Kind
from media.core.mixing import BLOCK, RATE, Samples, level, silence
from media.core.murmur import GONE_AFTER, Murmur
from media.devices import pulse
from media.devices.soundwire import News, Order, read_block, write_news, write_sound
from media.devices.streams import LOUDSPEAKER_AHEAD, MICROPHONE_AHEAD, Input, Output
from media.errors import Unavailable
from media.processing import Cleaner, Untouched, VoiceProcessing

S = TypeVar("S")
LISTENED = RATE // 2
"""Samples of the microphone that are looked at together: before they are processed, which puts comfort noise in."""


class Loop:
    """The streams and what is done between them; ``told`` gets news."""

    def __init__(self, order: Order, told: BinaryIO) -> None:
        self._told = told
        self._input = self._opened(Input, order.microphone)
        self._output = self._opened(Output, order.loudspeaker)
        self._cleaner: Cleaner = self._clean(order)
        self._murmur, self._near = Murmur(never_after=GONE_AFTER), list[Samples]()
        write_news(told, News(opened=True))

    def _opened(self, make: Callable[[Device], S], device: Device | None) -> S | None:
        if device is None:
            return None
        try:
            return make(device)
        except Unavailable as error:
            write_news(self._told, News(refused=device.kind, message=str(error)))
            return None

    def _clean(self, order: Order) -> Cleaner:
        if not order.clean or self._input is None:
            return Untouched()
        delays = [stream.delay for stream in (self._input, self._output) if stream is not None]
        delay = sum(delays) + MICROPHONE_AHEAD + LOUDSPEAKER_AHEAD
        try:
            return VoiceProcessing(order.echo and self._output is not None, round(1000 * delay))
        except Unavailable as error:
            return self._uncleaned(error)

    def _uncleaned(self, error: Unavailable) -> Cleaner:
        write_news(self._told, News(unclean=str(error)))
        return Untouched()

    def step(self, far: Samples, now: float) -> Samples:
        """Plays 20 ms, and gives the 20 ms that were heard."""
        self._look(now)
        if self._output is not None:
            self._output.play(far, now)
        near = self._input.take(BLOCK, now) if self._input is not None else silence()
        self._listen(near, now)
        try:
            return self._cleaner.clean(near, far)
        except Unavailable as error:
            self._cleaner = self._uncleaned(error)
            return near

    def _listen(self, near: Samples, now: float) -> None:
        """Says when the microphone falls silent as no room is, and when it is heard again."""
        if self._input is None or not self._input.began:
            return
        self._near.append(near)
        if BLOCK * len(self._near) < LISTENED:
            return
        before, loudness = self._murmur.sound, level(np.concatenate(self._near))
        self._near = []
        if self._murmur.look(loudness, now) is not before:
            write_news(self._told, News(sound=self._murmur.sound))

    def _look(self, now: float) -> None:
        if self._input is not None and self._input.dead(now):
            self._input = None
            write_news(self._told, News(lost=Kind.MICROPHONE))
        if self._output is not None and self._output.dead(now):
            self._output = None
            write_news(self._told, News(lost=Kind.LOUDSPEAKER))


def point_pulse(order: Order) -> None:
    """PulseAudio is told by the environment which of its devices its bridge is to be."""
    for kind, variable in pulse.VARIABLES.items():
        device = order.device(kind)
        if device is not None and device.address.startswith("pulse:"):
            os.environ[variable] = device.address.removeprefix("pulse:")
    os.environ.setdefault("PULSE_PROP_application.name", "屏签")


def run(order: Order, given: BinaryIO, told: BinaryIO) -> None:
    """Until nothing more is given."""
    loop = Loop(order, told)
    while (far := read_block(given)) is not None:
        write_sound(told, loop.step(far, time.monotonic()))


def main(arguments: Sequence[str]) -> int:
    """Exit status 0; the engine's end is ours. ``arguments``: the order."""
    order = Order.read(arguments[0])
    point_pulse(order)
    told = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not be taken for sound
    with contextlib.suppress(OSError, KeyboardInterrupt):  # a pipe that broke is another error on Windows
        run(order, sys.stdin.buffer, told)
    os._exit(0)  # a driver that hangs must not keep us


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
