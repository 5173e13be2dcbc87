"""Who may talk to the media process: only who knows its key, and the process has to prove itself too."""

import hashlib
import hmac
import os
import threading
from collections.abc import Callable
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

import pytest

from media.process import channel

KEY, OTHER = b"k" * 32, b"o" * 32


class Other:
    """The other end in a thread; ``result`` is what came of it."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.result: Any = None
        self._work = work
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = self._work()
        except Exception as error:
            self.result = error

    def join(self) -> Any:
        self._thread.join(10)
        return self.result


@pytest.fixture
def address(tmp_path: Path) -> str:
    return str(tmp_path / "s")


def test_both_ends_with_the_key_talk(address: str) -> None:
    with channel.listen(address) as listener:
        other = Other(lambda: channel.welcome(listener.accept(), KEY))
        window = channel.dial(address, KEY)
        engine = other.join()
        window.send(b"{}")
        assert engine.receive(2) == b"{}"
        assert engine.receive(0) is None
        window.close()
        with pytest.raises((EOFError, OSError)):
            engine.receive(2)
        engine.close()


def test_a_window_with_another_key_is_refused(address: str) -> None:
    with channel.listen(address) as listener:
        other = Other(lambda: channel.welcome(listener.accept(), KEY))
        with pytest.raises(channel.Refused):
            channel.dial(address, OTHER)
        assert isinstance(other.join(), channel.Refused)


def test_a_process_that_does_not_know_the_key_is_not_believed(address: str) -> None:
    """Whoever stands in the place of the process could otherwise feed the window events."""

    def pretend() -> None:
        with listener.accept() as connection:
            connection.send_bytes(b"n" * 32)
            theirs = connection.recv_bytes()[:32]
            connection.send_bytes(hmac.new(OTHER, b"engine" + b"n" * 32 + theirs, hashlib.sha256).digest())

    with channel.listen(address) as listener:
        other = Other(pretend)
        with pytest.raises(channel.Refused):
            channel.dial(address, KEY)
        other.join()


def test_an_answer_sent_back_proves_nothing(address: str) -> None:
    def mirror() -> None:
        with listener.accept() as connection:
            connection.send_bytes(b"n" * 32)
            connection.send_bytes(connection.recv_bytes()[32:])

    with channel.listen(address) as listener:
        other = Other(mirror)
        with pytest.raises(channel.Refused):
            channel.dial(address, KEY)
        other.join()


def test_whoever_is_silent_is_not_waited_for(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "SECONDS", 0.2)
    with channel.listen(address) as listener:
        other = Other(lambda: channel.welcome(listener.accept(), KEY))
        with Client(address, channel.FAMILY):
            assert isinstance(other.join(), channel.Silent)


def test_one_who_talks_too_much_is_refused(address: str) -> None:
    with channel.listen(address) as listener:
        other = Other(lambda: channel.welcome(listener.accept(), KEY))
        with Client(address, channel.FAMILY) as connection:
            connection.send_bytes(b"x" * 4096)
            assert isinstance(other.join(), OSError)


def test_a_descriptor_follows_its_message(address: str) -> None:
    with channel.listen(address) as listener:
        other = Other(lambda: channel.welcome(listener.accept(), KEY))
        window = channel.dial(address, KEY)
        engine = other.join()
        reading, writing = os.pipe()
        engine.send_with(b"a", reading)
        engine.send(b"b")
        os.write(writing, b"through")
        assert window.receive(2) == b"a"
        descriptor = window.receive_descriptor()
        assert window.receive(2) == b"b"
        assert os.read(descriptor, 7) == b"through"
        for one in (reading, writing, descriptor):
            os.close(one)
        window.close()
        engine.close()


def test_closing_frees_a_sender_that_is_held_up(address: str) -> None:
    with channel.listen(address) as listener:
        other = Other(lambda: channel.welcome(listener.accept(), KEY))
        window = channel.dial(address, KEY)
        engine = other.join()
        held = Other(lambda: engine.send(bytes(8_000_000)))
        engine.receive(0.2)
        engine.close()
        assert isinstance(held.join(), OSError)
        window.close()


def test_a_pipe_of_windows_that_is_closed_under_a_sender_is_an_end_like_any_other() -> None:
    """CPython 3.11 lets an assertion fail there."""

    class Pipe:
        def send_bytes(self, data: bytes) -> None:
            raise AssertionError

    with pytest.raises(BrokenPipeError):
        channel.Channel(Pipe()).send(b"a")  # type: ignore[arg-type]
