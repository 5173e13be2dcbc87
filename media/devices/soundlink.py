"""The engine's end of the process that holds the sound devices: a block out, a block in, never a wait."""

import contextlib
import queue
import subprocess
import threading
from collections.abc import Callable
from typing import BinaryIO

from media.core.mixing import BLOCK, Samples
from media.core.voicebuffer import VoiceBuffer
from media.devices.oneself import SOUND, command
from media.devices.portaudio import NO_WINDOW
from media.devices.soundwire import News, Order, read_message, write_block
from media.errors import Unavailable

OPENS_WITHIN = 8.0
WAITING = 25
"""Blocks that wait for a process that does not take them: half a second."""
ENDS_WITHIN = 2.0


class SoundLink:
    """Raises ``Unavailable`` where the process does not come up. ``on_news`` is called on a thread of its own.

    ``overrun`` counts blocks that the process did not take in time.
    """

    def __init__(self, order: Order, on_news: Callable[[News], None]) -> None:
        self.order = order
        self._on_news = on_news
        self._heard = VoiceBuffer(target=BLOCK)
        self._given: queue.Queue[Samples | None] = queue.Queue(WAITING)
        self._opened = threading.Event()
        self.overrun = 0
        self.ended = threading.Event()
        try:
            self._process = subprocess.Popen(
                command(SOUND, order.text()),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                creationflags=NO_WINDOW,
            )  # fmt: skip
        except OSError as error:
            raise Unavailable("声音设备打不开，请重新启动程序") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._threads = [
            threading.Thread(target=self._read, args=(self._process.stdout,), name="sound-read", daemon=True),
            threading.Thread(target=self._write, args=(self._process.stdin,), name="sound-write", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def wait(self, timeout: float = OPENS_WITHIN) -> bool:
        """Until all is open that could be; False where the process ended before, or is too slow."""
        return self._opened.wait(timeout) and not self.ended.is_set()

    def take(self) -> Samples:
        """BLOCK samples; silence where nothing came."""
        return self._heard.take()

    def play(self, samples: Samples) -> None:
        """Returns at once."""
        try:
            self._given.put_nowait(samples)
        except queue.Full:
            self.overrun += 1

    def close(self) -> None:
        """Ends the process and joins the threads."""
        self._on_news = lambda news: None
        with contextlib.suppress(queue.Full):
            self._given.put_nowait(None)
        try:
            self._process.wait(ENDS_WITHIN if self._opened.is_set() else 0.1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join(ENDS_WITHIN)

    def _read(self, source: BinaryIO) -> None:
        with source:
            while (message := read_message(source)) is not None:
                if isinstance(message, News):
                    self._hear(message)
                else:
                    self._heard.push(message)
        self.ended.set()
        self._opened.set()
        self._on_news(News())
        with contextlib.suppress(queue.Full):
            self._given.put_nowait(None)

    def _hear(self, news: News) -> None:
        if news.opened:
            self._opened.set()
        self._on_news(news)

    def _write(self, target: BinaryIO) -> None:
        with contextlib.suppress(OSError), target:
            while (block := self._given.get()) is not None:
                write_block(target, block)
