"""Links and the hub: bounded, coalescing, one per key."""

import asyncio

import pytest

from signing.service.commands import SYSTEM
from signing.web.hub import MAX_PENDING, Hub, Link, Overflow
from signing.wire.signal import Gone, Sdp

ANSWER = Sdp(call_id="call_1", party_id="party_1", kind="answer", sdp="v=0")


def link(key: str = "seat:1", *topics: str) -> Link:
    return Link(key, SYSTEM, frozenset(topics))


async def test_many_changes_wake_a_link_once() -> None:
    one = link()
    for _ in range(100):
        one.touch()
    assert await one.wait() == []
    assert one.stale
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(one.wait(), 0.01)


async def test_frames_keep_their_order() -> None:
    one = link()
    second = ANSWER.model_copy(update={"sdp": "v=1"})
    one.send(ANSWER)
    one.send(second)
    assert await one.wait() == [ANSWER, second]


async def test_a_client_that_takes_nothing_is_cut_off() -> None:
    one = link()
    for _ in range(MAX_PENDING + 1):
        one.send(ANSWER)
    with pytest.raises(Overflow):
        await one.wait()


async def test_a_newer_link_replaces_the_older_without_an_absence() -> None:
    told: list[tuple[str, bool]] = []
    hub = Hub(on_change=lambda link, there: told.append((link.key, there)))
    older, newer = link(), link()
    hub.join(older)
    hub.join(newer)
    assert older.gone == Gone(reason="replaced")
    hub.part(older)
    assert hub.find("seat:1") is newer
    assert told == [("seat:1", True)] * 2
    hub.part(newer)
    assert told == [("seat:1", True), ("seat:1", True), ("seat:1", False)]
    assert len(hub) == 0


async def test_a_change_reaches_only_the_links_that_show_it() -> None:
    hub = Hub()
    ours, theirs = link("seat:1", "inst_a"), link("party:2", "case_b")
    for one in (ours, theirs):
        one.stale = False
        hub.join(one)
    hub.changed(frozenset({"inst_a"}))
    assert (ours.stale, theirs.stale) == (True, False)
    hub.changed()
    assert theirs.stale


async def test_the_first_reason_to_leave_stays() -> None:
    one = link()
    one.leave("replaced")
    one.leave("shutdown")
    assert one.gone == Gone(reason="replaced")
