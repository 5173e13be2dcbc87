"""Two windows at one media process, in the moment in which the one replaces the other."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

from media import ports
from media.process import words
from media.process.channel import Channel
from media.process.launch import Job
from media.process.places import Place
from media.process.server import Server
from media.process.session import Session

OPEN = ports.OpenCall("c1", "2026-00318", "07号席", "张××")
ENDED = ports.Failed("c1", "TakeSnapshot", "没有画面，请再拍一次")


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """Its engine does not run: nothing it is told is carried out."""
    return Server(Job(Place(tmp_path, "seat"), ports.EngineOptions(use_devices=False), 60.0))


@contextmanager
def window(server: Server) -> Iterator[tuple[Session, Channel]]:
    """The process's end, and the window's own."""
    ours, theirs = Pipe()
    session, far = Session(Channel(ours)), Channel(theirs)
    try:
        yield session, far
    finally:
        session.close()
        far.close()


def frozen(session: Session) -> None:
    """So that another one may replace it."""
    session._stuck = 3600.0


def say(server: Server, session: Session, **message: Any) -> None:
    server._take(session, message)


def said(far: Channel) -> list[str]:
    kinds = []
    while (data := far.receive(1.0)) is not None:
        kinds.append(str(words.unpack(data)["kind"]))
    return kinds


def replaced_while_it_speaks(server: Server, first: Session, second: Session, **message: Any) -> None:
    """``message`` comes from the first, and has got as far as the lock that the second is attached under."""
    with server._lock:
        late = threading.Thread(target=say, args=(server, first), kwargs=message)
        late.start()
        late.join(0.3)
        frozen(first)
        say(server, second, kind="attach")
    late.join(10)
    assert not late.is_alive()


def test_a_command_of_a_window_that_is_just_being_replaced_is_not_carried_out(server: Server) -> None:
    with window(server) as (first, _), window(server) as (second, _):
        say(server, first, kind="attach")
        replaced_while_it_speaks(server, first, second, kind="command", command=words.write(OPEN))
        assert server._journal.call_id == "", "the second has not opened it, and would not be told of it"
        say(server, second, kind="command", command=words.write(OPEN))
        assert server._journal.call_id == "c1"


def test_what_it_heard_counts_for_itself_alone(server: Server) -> None:
    with window(server) as (first, _), window(server) as (second, far):
        say(server, first, kind="attach")
        server._on_event(ENDED)
        replaced_while_it_speaks(server, first, second, kind="beat", heard=1, stuck=0.0)
        assert [event for _, event in server._journal.unheard()] == [ENDED]
        assert said(far) == ["welcome", "event"]


def test_a_window_that_comes_to_a_call_gets_the_key_of_what_is_being_recorded(server: Server) -> None:
    begun = ports.StartRecording("c1", Path("/spool/a/recording.mp4"), b"k" * 32, tracks=True)
    with window(server) as (first, _), window(server) as (second, far):
        say(server, first, kind="attach")
        for command in (OPEN, begun):
            say(server, first, kind="command", command=words.write(command))
        frozen(first)
        say(server, second, kind="attach")
        told = [words.unpack(data) for data in iter(lambda: far.receive(1.0), None)]
        assert [words.read(one["event"]) for one in told if one["kind"] == "event"] == [ports.CallLeft("c1", begun)]


def test_only_the_one_whose_process_it_is_ends_it(server: Server) -> None:
    with window(server) as (first, _), window(server) as (second, far):
        say(server, first, kind="attach")
        say(server, second, kind="attach")
        assert said(far) == ["taken"]
        say(server, second, kind="stop")
        assert not server._over.is_set()
        say(server, first, kind="stop")
        assert server._over.is_set()
