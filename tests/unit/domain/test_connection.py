"""Which connections of a call are kept, and in which words."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import ValidationError

from signing.domain import events
from signing.domain.call import Call
from signing.domain.connection import MOST, Ends, InUse, is_new
from signing.domain.events import title_of
from signing.wire.quality import ReportConnection
from tests.unit.domain.factories import NOW, make_party

CALL = Call("call_1", "case_1", "s1", "staff_1", "张秀英", NOW)
SEAT = "sha-256 " + ":".join(["AB", "CD", "EF", "01", *["22"] * 28])
PHONE = "sha-256 " + ":".join(["0A"] * 32)
IN_USE = InUse(NOW, Ends(SEAT, PHONE))


def test_an_event_has_both_fingerprints_whole_and_shows_their_beginnings() -> None:
    happening = events.connection_in_use(make_party(), CALL, IN_USE)
    title = title_of(happening.type, happening.body)
    assert title == "借款人王*国的音视频连接启用：席位证书 AB:CD:EF:01…，客户证书 0A:0A:0A:0A…"
    assert (happening.body["seat_fingerprint"], happening.body["phone_fingerprint"]) == (SEAT, PHONE)
    assert (happening.body["call_id"], happening.body["since"]) == ("call_1", "2026-11-24T02:10:00.000Z")


def test_the_same_two_ends_once_more_are_not_kept_and_one_end_that_changed_is() -> None:
    again = InUse(NOW + timedelta(minutes=1), IN_USE.ends)
    assert is_new(IN_USE, [])
    assert not is_new(again, [IN_USE.ends])
    assert is_new(replace(again, ends=Ends(SEAT, SEAT)), [IN_USE.ends])
    assert not is_new(again, [IN_USE.ends, Ends(SEAT, SEAT)]), "also where another came between"


def test_a_call_keeps_only_so_many_of_a_party() -> None:
    many = [Ends(SEAT, f"sha-256 {number}") for number in range(MOST)]
    assert is_new(IN_USE, many[1:])
    assert not is_new(IN_USE, many)


@pytest.mark.parametrize("size", [32, 48, 64])
def test_the_wire_takes_fingerprints_as_the_seat_writes_them(size: int) -> None:
    value = f"sha-{size * 8} " + ":".join(["0F"] * size)
    assert ReportConnection(since=NOW, seat_fingerprint=value, phone_fingerprint=PHONE).seat_fingerprint == value


@pytest.mark.parametrize("wrong", ["", "sha-256 ", PHONE.lower(), PHONE[8:], PHONE + ":", "sha-1 " + PHONE[8:67], "王"])
def test_the_wire_takes_nothing_else_for_one(wrong: str) -> None:
    with pytest.raises(ValidationError):
        ReportConnection(since=NOW, seat_fingerprint=SEAT, phone_fingerprint=wrong)
