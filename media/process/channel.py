"""A local channel on which both ends prove that they know the same key before anything else is said.

An AF_UNIX socket, or a named pipe on Windows; messages are bytes. Who may connect is decided twice: the socket stands
in a folder of this user alone, and the key in a file of this user alone. Windows lets others open a pipe to read.
"""

import contextlib
import hashlib
import hmac
import secrets
import socket
import sys
import threading
from multiprocessing import reduction
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

SECONDS = 3.0
"""For each step of the proof: whoever is silent must not keep the door."""
LONGEST = 32 * 1024 * 1024
"""Bytes of a message."""
FAMILY = "AF_PIPE" if sys.platform == "win32" else "AF_UNIX"
NONCE, DIGEST = 32, 32
_UNIX = (getattr(socket, "AF_UNIX", socket.AF_INET), socket.SOCK_STREAM)


class Refused(ConnectionError):
    """Raised where the other end does not know the key."""


class Silent(Refused):
    """Raised where the other end says nothing."""


class Channel:
    """Bytes both ways. ``send`` may be called by several threads, ``receive`` by one."""

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self.connection = connection
        self._lock = threading.Lock()

    def send(self, data: bytes) -> None:
        """Blocks while the other end does not read; raises OSError where it is gone."""
        with self._lock:
            try:
                self.connection.send_bytes(data)
            except AssertionError as error:  # Windows, where the pipe is closed under a write that waits
                raise BrokenPipeError("the pipe was closed") from error

    def send_with(self, data: bytes, descriptor: int) -> None:
        """As ``send``, and a file descriptor behind it. Not on Windows."""
        with self._lock:
            self.connection.send_bytes(data)
            reduction.send_handle(self.connection, descriptor, None)

    def receive(self, seconds: float) -> bytes | None:
        """None where nothing came; raises EOFError or OSError where the other end is gone."""
        return self.connection.recv_bytes(LONGEST) if self.connection.poll(seconds) else None

    def receive_descriptor(self) -> int:
        """What follows a message sent by ``send_with``; whoever called has to close it."""
        return int(reduction.recv_handle(self.connection))

    def close(self) -> None:
        """For the thread that receives; one that is held up in ``send`` comes free with an OSError."""
        if sys.platform != "win32" and not self.connection.closed:
            with contextlib.suppress(OSError), socket.fromfd(self.connection.fileno(), *_UNIX) as raw:
                raw.shutdown(socket.SHUT_RDWR)
            with self._lock:  # nobody is sending any more
                self.connection.close()
        self.connection.close()


def dial(address: str, key: bytes) -> Channel:
    """Raises OSError where nobody listens, ``Refused`` where the other end is not who it should be."""
    connection = Client(address, FAMILY)
    try:
        nonce = _expect(connection, NONCE)
        own = secrets.token_bytes(NONCE)
        connection.send_bytes(own + _proof(key, b"window", nonce, own))
        if not hmac.compare_digest(_expect(connection, DIGEST), _proof(key, b"engine", nonce, own)):
            raise Refused("the engine does not know the key")
    except BaseException:
        connection.close()
        raise
    return Channel(connection)


def welcome(connection: "Connection[Any, Any]", key: bytes) -> Channel:
    """The other end of ``dial``; closes the connection and raises ``Refused`` or OSError."""
    try:
        nonce = secrets.token_bytes(NONCE)
        connection.send_bytes(nonce)
        answer = _expect(connection, NONCE + DIGEST)
        theirs, proof = answer[:NONCE], answer[NONCE:]
        if not hmac.compare_digest(proof, _proof(key, b"window", nonce, theirs)):
            raise Refused("whoever connected does not know the key")
        connection.send_bytes(_proof(key, b"engine", nonce, theirs))
    except BaseException:
        connection.close()
        raise
    return Channel(connection)


def listen(address: str) -> Listener:
    """A listener without a proof of its own; raises OSError."""
    return Listener(address, FAMILY, backlog=8)


def _expect(connection: "Connection[Any, Any]", size: int) -> bytes:
    if not connection.poll(SECONDS):
        raise Silent("nothing came")
    try:
        data = connection.recv_bytes(size)
    except EOFError as error:
        raise Refused("the other end went away") from error
    if len(data) != size:
        raise Refused("a proof of the wrong size")
    return data


def _proof(key: bytes, who: bytes, *nonces: bytes) -> bytes:
    """``who`` keeps an answer from being sent back as one's own."""
    return hmac.new(key, who + b"".join(nonces), hashlib.sha256).digest()
