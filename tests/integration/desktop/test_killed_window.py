"""kill -9 of the seat's real window at each guided step of one call: the next window goes on where it stood."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from desktop.spool import Spool
from tests.integration.desktop.office import Customer, Service, service
from tests.integration.desktop.remote import PATIENCE, Seen, Window

NOTE = "客户要求下午短信告知用印结果"
NEXT = "陈桂花"
"""Of the case that the agent prepares meanwhile."""


class Windows:
    """One after the other over the same data; ``now`` is the one that is open."""

    def __init__(self, office: Service, data: Path, shots: Path) -> None:
        self.data = data
        self._make = partial(Window, office.url, data, shots)
        self._next = self._make()
        self._open()

    def _open(self) -> None:
        self.now, self._next = self._next, self._make()
        self.now.open().ask("log_in", "zhang")

    def close(self) -> None:
        self._next.close()
        self.now.close()

    def kill(self) -> None:
        self.now.kill()
        self._open()

    def await_remark(self, before: bytes) -> bytes:
        """What is kept of the wrap-up, once it is not what it was ``before``."""
        file, end = self.data / "remark.sealed", time.monotonic() + PATIENCE
        while (kept := file.read_bytes() if file.exists() else b"") == before:
            assert time.monotonic() < end
            time.sleep(0.05)
        return kept

    def await_files(self, pattern: str) -> list[Path]:
        """What of that pattern lies in the window's data, once something does."""
        end = time.monotonic() + PATIENCE
        while not (found := list(self.data.glob(pattern))):
            assert time.monotonic() < end, pattern
            time.sleep(0.05)
        return found

    def kill_in_call(self) -> Seen:
        """The next window shows the same call at the same step, with all that was done, and goes on recording."""
        before = self.now.until(lambda seen: seen.picture and seen.recorded)
        (recorded,) = Spool(self.data / "spool").items()
        self.kill()
        after = self.now.until(lambda seen: seen.picture and seen.recorded)
        assert kept(after) == kept(before)
        assert [item.item_id for item in Spool(self.data / "spool").items()] == [recorded.item_id]
        self.now.ask("shot", f"after-{after.step}")
        return after


def kept(seen: Seen) -> Seen:
    """What no window may lose."""
    return replace(seen, words="", picture=False)


@contextmanager
def windows(office: Service, tmp_path: Path) -> Iterator[Windows]:
    made = Windows(office, tmp_path / "desktop", tmp_path / "shots")
    try:
        yield made
    finally:
        made.close()


@pytest.mark.timeout(480)
def test_a_window_killed_at_every_step_loses_nothing(tmp_path: Path) -> None:
    with service(tmp_path / "service") as office, windows(office, tmp_path) as seat:
        customer = Customer(office.url, office.open_case(), slow=("reading", "signing"))
        seat.now.ask("press", "presence.available")
        customer.start(office)
        try:
            seat.now.ask("press", "offer.accept")
            seat.now.until(lambda seen: seen.recorded)
            began = time.monotonic()
            _identity(seat)
            _disclosure(seat)
            _papers(seat, customer)
            _proof(seat)
            recorded = time.monotonic() - began
            seat.now.ask("hang_up")
            _wrap_up(seat, recorded)
            assert customer.error == ""
        finally:
            customer.stop()
        seat.now.ask("audit")


def _identity(seat: Windows) -> None:
    """Between the snapshot and the decision."""
    seat.now.until(lambda seen: seen.identity == 2)
    seat.now.ask("press", "call.snapshot")
    seat.now.until(lambda seen: seen.identity == 3)
    assert seat.kill_in_call().panel == "identity"
    seat.now.ask("identify")


def _disclosure(seat: Windows) -> None:
    """After two lines."""
    seat.now.ask("answer", 2)
    seen = seat.kill_in_call()
    assert (seen.panel, seen.lines) == ("script", 2)
    assert "告知话术 3/" in seen.words
    seat.now.ask("disclose")


def _papers(seat: Windows, customer: Customer) -> None:
    """After the first is read, with the next case half written beside the call, and before the last is signed; each is
    read and signed before the next."""
    papers = seat.now.until(lambda seen: seen.step == "reading").papers
    customer.go_on()
    seat.now.until(lambda seen: seen.pages)
    draft = _begin_the_next_case(seat)
    seen = seat.kill_in_call()
    _go_on_with_the_next_case(seat, draft)
    assert (seen.step, seen.panel) == ("reading", "progress")
    assert "等待签名" in seen.words
    customer.go_on(2 * (papers - 1))
    seat.now.until(lambda seen: seen.step == "signing")
    seen = seat.kill_in_call()
    assert (seen.step, seen.panel, seen.signed) == ("signing", "progress", papers - 1)
    assert seen.words.count("已阅读 · 已签名") == papers - 1
    customer.go_on()


def _begin_the_next_case(seat: Windows) -> str:
    """→ which draft it is."""
    seat.now.ask("press", "queue.open")
    seat.now.ask("write", "opening.search", "多人")
    seat.now.ask("press", "opening.begin")
    seat.now.ask("write", "parties.0.name", NEXT)
    (draft,) = seat.await_files("drafts/*.draft")
    return draft.stem


def _go_on_with_the_next_case(seat: Windows, draft: str) -> None:
    seat.now.ask("press", "queue.open")
    seat.now.ask("press", f"opening.draft.{draft}")
    assert seat.now.ask("written", "parties.0.name") == NEXT


def _proof(seat: Windows) -> None:
    seat.now.until(lambda seen: seen.step == "proof")
    seat.now.ask("press", "call.proof")
    assert seat.kill_in_call().panel == "proof"


def _wrap_up(seat: Windows, recorded: float) -> None:
    """While the recording is brought, and while the case is sealed."""
    seat.now.ask("press", "outcome.other")
    chosen = seat.await_remark(b"")
    seat.now.ask("write", "outcome.note", NOTE)
    seat.await_remark(chosen)
    seat.kill()
    seen = seat.now.until(lambda seen: seen.held and seen.note)
    assert (seen.note, seen.panel, seen.recordings) == (NOTE, "closing", 1)
    assert min(seen.held) > recorded
    seat.now.until(lambda _: not Spool(seat.data / "spool").items())
    seat.now.ask("press", "case.seal")
    seat.kill()
    seen = seat.now.until(lambda seen: _sealed(seat, seen))
    assert (seen.note, seen.panel) == (NOTE, "closing")


def _sealed(seat: Windows, seen: Seen) -> bool:
    """Where the window was killed before its request had left, it is there to be made again."""
    if seen.phase != "closed":
        seat.now.ask("press_if_there", "case.seal")
    return seen.phase == "closed"
