"""What is told, how it is signed, and how long is waited."""

import hashlib
import hmac
from datetime import timedelta
from itertools import pairwise

import pytest

from signing.domain import webhook
from signing.domain.core_state import CoreState
from signing.domain.events.titles import TITLES
from signing.domain.webhook import (
    FIRST_WAIT,
    GIVEN_UP_AFTER,
    LONGEST_WAIT,
    News,
    is_given_up,
    news_of_change,
    news_of_event,
    signature_holds,
    signature_of,
    wait_after,
)
from tests.unit.domain.factories import NOW

SECRET, ID, BODY = "s3cret", "dlv_1", b'{"state":"open"}'


def test_the_signature_is_plain_hmac_over_time_identifier_and_body() -> None:
    header = signature_of(SECRET, NOW, ID, BODY)
    seconds = str(int(NOW.timestamp()))
    mac = hmac.new(b"s3cret", f"{seconds}.dlv_1.".encode() + BODY, hashlib.sha256).hexdigest()
    assert header == f"t={seconds},v1={mac}"
    assert signature_holds(header, SECRET, NOW, ID, BODY)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_or_future_signature_does_not_hold(seconds: int) -> None:
    header = signature_of(SECRET, NOW, ID, BODY)
    assert not signature_holds(header, SECRET, NOW + timedelta(seconds=seconds), ID, BODY)
    assert signature_holds(header, SECRET, NOW + timedelta(seconds=seconds // 301 * 300), ID, BODY)


def test_nothing_of_a_delivery_can_be_changed() -> None:
    header = signature_of(SECRET, NOW, ID, BODY)
    assert not signature_holds(header, "other", NOW, ID, BODY)
    assert not signature_holds(header, SECRET, NOW, "dlv_2", BODY)
    assert not signature_holds(header, SECRET, NOW, ID, BODY + b" ")
    moved = header.replace(f"t={int(NOW.timestamp())}", f"t={int(NOW.timestamp()) + 1}")
    assert moved != header
    assert not signature_holds(moved, SECRET, NOW, ID, BODY)
    shifted = signature_of(SECRET, NOW, "dlv", b"_1." + BODY)
    assert not signature_holds(shifted, SECRET, NOW, ID, BODY)


@pytest.mark.parametrize("header", ["", "t=,v1=", "t=x,v1=y", "v1=00", "t=٣,v1=00", "t=1", ",,,", "t=1=2,v1==="])
def test_what_is_no_signature(header: str) -> None:
    assert not signature_holds(header, SECRET, NOW, ID, BODY)


def test_one_of_several_signatures_may_hold() -> None:
    seconds, _, mac = signature_of(SECRET, NOW, ID, BODY).partition(",")
    assert signature_holds(f"{seconds}, v1=00, {mac}", SECRET, NOW, ID, BODY), "as while a secret is changed"


def test_what_events_are_told_as() -> None:
    assert news_of_event("case.opened", {}) == News("case.created")
    assert news_of_event("case.aborted", {"reason": "王秀兰不想借了"}) == News("case.ended", "aborted"), "no free text"
    assert news_of_event("party.signed", {"party_id": "p1", "party": "借款人王*兰"}) == News(
        "party.signed", party_id="p1"
    )
    assert news_of_event("reading.page_shown", {}) is None
    told = [kind for kind in TITLES if news_of_event(kind, {}) is not None]
    assert {"case.opened", "case.aborted", "party.signed", "party.refused"} <= set(told)


def test_what_a_change_of_state_is_told_as() -> None:
    assert news_of_change(CoreState.OPEN, CoreState.SIGNED) == News("case.signed")
    assert news_of_change("signed", CoreState.SEALED) == News("case.sealed")
    assert news_of_change(CoreState.SEALED, CoreState.CLOSED) == News("case.closed")
    assert news_of_change(CoreState.OPEN, CoreState.OPEN) is None
    assert news_of_change(CoreState.OPEN, CoreState.ENDED) is None, "the event tells it, with its reason"
    assert news_of_change(CoreState.SIGNED, CoreState.OPEN) is None


def test_every_type_fits_its_column_and_is_named_once() -> None:
    assert len(set(webhook.TYPES)) == len(webhook.TYPES)
    assert all(len(one) <= 32 for one in webhook.TYPES)


def test_waits_double_up_to_an_hour_and_are_spread() -> None:
    least = [wait_after(failures, 0.0) for failures in range(1, 40)]
    most = [wait_after(failures, 0.999999) for failures in range(1, 40)]
    assert least[0] == FIRST_WAIT / 2
    assert all(later == min(earlier * 2, LONGEST_WAIT / 2) for earlier, later in pairwise(least))
    assert all(low < high <= LONGEST_WAIT for low, high in zip(least, most, strict=True))
    assert sum(most, timedelta()) < GIVEN_UP_AFTER


def test_it_is_given_up_after_three_days() -> None:
    assert not is_given_up(NOW, NOW + timedelta(days=3) - timedelta(seconds=1))
    assert is_given_up(NOW, NOW + timedelta(days=3))
