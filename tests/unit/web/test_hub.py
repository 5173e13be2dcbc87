"""Links and the hub: bounded, coalescing, one per key."""

import asyncio
from dataclasses import replace

import pytest

from signing.service.commands import SYSTEM
from signing.web.hub import CARRIES_SECONDS, MAX_PENDING, Hub, Link, Overflow
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


async def test_the_crowd_is_told_in_turn_and_at_its_pace() -> None:
    hub = Hub()
    links = [link(f"party:{n}", f"party_{n}") for n in range(5)]
    for one in links:
        one.crowd, one.stale, one.pace = frozenset({"branch"}), False, 2.0
        hub.join(one)
    hub.changed(frozenset({"branch", "party_0"}))
    assert [one.stale for one in links] == [True, False, False, False, False], "one's own change is told at once"
    first = hub.turns(100.0, 3)
    assert first == links[1:4]
    assert hub.turns(100.0, 3) == links[4:], "nobody is told twice of one change"
    hub.changed(frozenset({"branch"}))
    assert hub.turns(101.0, 3) == [links[0]], "the others were told a second ago"
    assert hub.turns(102.0, 9) == links[1:], "and are not forgotten"
    assert hub.turns(110.0, 9) == []


async def test_a_link_knows_the_newest_change_that_it_lags_behind() -> None:
    hub, one = Hub(), link("party:1")
    one.crowd = frozenset({"branch"})
    hub.join(one)
    hub.changed(frozenset({"branch"}))
    hub.changed(frozenset({"elsewhere"}))
    assert (one.lags_since, hub.changes) == (1, 2)
    hub.turns(60.0, 1)
    hub.changed(frozenset({"branch"}))
    assert one.lags_since == hub.changes == 3


async def test_those_who_wait_longest_are_told_first() -> None:
    hub, early, late = Hub(), link("party:1"), link("party:2")
    for one, told_at in ((late, 50.0), (early, 10.0)):
        one.crowd, one.told_at = frozenset({"branch"}), told_at
        hub.join(one)
    hub.changed(frozenset({"branch"}))
    assert hub.turns(60.0, 1) == [early]


async def test_only_others_moved() -> None:
    one = link()
    one.stale = False
    one.move()
    assert await one.wait() == []
    assert (one.stale, one.moved) == (False, True)


async def test_a_session_that_ends_takes_its_links_along_and_no_others() -> None:
    hub, staff = Hub(), replace(SYSTEM, session_id="own")
    seat, board = (Link(key, staff, frozenset()) for key in ("seat:1", "staff:1"))
    other = Link("seat:2", replace(SYSTEM, session_id="other"), frozenset())
    for one in (seat, board, other):
        hub.join(one)
    hub.leave_session("own", "logged_out")
    assert (seat.gone, board.gone, other.gone) == (Gone(reason="logged_out"), Gone(reason="logged_out"), None)


async def test_the_first_reason_to_leave_stays() -> None:
    one = link()
    one.leave("replaced")
    one.leave("shutdown")
    assert one.gone == Gone(reason="replaced")


async def test_what_a_client_says_of_its_media_is_believed_for_a_while_and_from_those_who_are_asked_only() -> None:
    hub = Hub()
    seat, phone, stranger = link("seat:1"), link("party:2"), link("party:3")
    for one in (seat, phone, stranger):
        hub.join(one)
    seat.says(frozenset({"party_7"}), 100.0)
    phone.says(frozenset({"call_1", "party_8"}), 100.0)
    stranger.says(frozenset({"call_2"}), 100.0)
    assert hub.carries(["seat:1"], "party_7", 101.0)
    assert hub.carries(["party:9", "party:2"], "call_1", 101.0)
    assert not hub.carries(["party:9", "party:2"], "call_2", 101.0), "no stranger to a call speaks for it"
    assert not hub.carries([], "call_1", 101.0)
    assert not hub.carries(["seat:1"], "party_8", 101.0), "no phone speaks for another"
    assert not hub.carries(["seat:1"], "party_7", 100.0 + CARRIES_SECONDS), "old"
    seat.says(frozenset(), 102.0)
    assert not hub.carries(["seat:1"], "party_7", 102.0)
    seat.says(frozenset({"party_7"}), 103.0)
    hub.part(seat)
    assert not hub.carries(["seat:1"], "party_7", 103.0)
