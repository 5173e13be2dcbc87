"""A way between phone and seat over which nothing passes at first, and everything later."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

HOST = "127.0.0.1"
_CANDIDATE = re.compile(r"^a=candidate:\S+ 1 udp .*\r?\n", re.MULTILINE | re.IGNORECASE)


class SlowPath:
    """``opens_after`` seconds from the first packet on. Both ends get its sockets as each other's only address.

    Of each end the first socket that sends is served, as if it had no other.
    """

    def __init__(self, opens_after: float) -> None:
        self._opens_after = opens_after
        self._sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        self._ends: list[tuple[str, int] | None] = [None, None]
        self._first: float | None = None
        self._ended = False
        for one in self._sockets:
            one.bind((HOST, 0))
            one.settimeout(0.2)
        self._threads = [threading.Thread(target=self._pass_on, args=(side,)) for side in range(2)]
        self.held_back = 0

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def to_seat(self, offer: str) -> str:
        """The phone's offer as the seat is to see it."""
        return self._only(offer, self._sockets[1])

    def to_phone(self, answer: str) -> str:
        """The seat's answer as the phone is to see it."""
        return self._only(answer, self._sockets[0])

    def _only(self, sdp: str, one: socket.socket) -> str:
        line = f"a=candidate:1 1 udp 2130706431 {HOST} {one.getsockname()[1]} typ host\r\n"
        sections = re.split(r"(?=^m=)", _CANDIDATE.sub("", sdp), flags=re.MULTILINE)
        return sections[0] + "".join(section.rstrip("\r\n") + "\r\n" + line for section in sections[1:])

    def _pass_on(self, side: int) -> None:
        while not self._ended:
            try:
                data, source = self._sockets[side].recvfrom(4096)
            except (TimeoutError, ConnectionError):
                continue
            self._first = self._first or time.monotonic()
            here, there = self._ends[side] or source, self._ends[1 - side]
            self._ends[side] = here
            if here != source:
                continue
            if there is not None and time.monotonic() - self._first > self._opens_after:
                self._sockets[1 - side].sendto(data, there)
            else:
                self.held_back += 1

    def close(self) -> None:
        self._ended = True
        for thread in self._threads:
            thread.join()
        for one in self._sockets:
            one.close()


@contextmanager
def slow_path(opens_after: float) -> Iterator[SlowPath]:
    path = SlowPath(opens_after)
    path.start()
    try:
        yield path
    finally:
        path.close()
