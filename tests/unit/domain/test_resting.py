"""Which accounts rest after a change, and who may end that: every role, every kind of peer, both doors."""

from datetime import UTC, datetime, timedelta

import pytest

from signing.domain.resting import (
    CAUSES,
    CODE_LIFE,
    CODE_TRIES,
    WATCHING,
    Cause,
    Change,
    Peer,
    Resting,
    awaits_owner,
    changed,
    confirmed,
    may_confirm,
    must_rest,
    needs_code,
    recorded,
    refused,
    wrong_code,
)

ABLE, DISABLED = Peer("able", True), Peer("disabled", False)
NOW = datetime(2026, 11, 26, tzinfo=UTC)


def change(cause: Cause, minutes: int = 0, by_id: str = "admin") -> Change:
    return Change(cause, NOW + timedelta(minutes=minutes), by_id)


RESTING = changed(None, "affected", change(Cause.PASSWORD))


@pytest.mark.parametrize("role", ["agent", "administrator"])
@pytest.mark.parametrize("by_system", [False, True])
def test_who_watches_nobody_never_rests(role: str, by_system: bool) -> None:
    assert not must_rest(role, [ABLE, DISABLED], by_system=by_system)


@pytest.mark.parametrize("role", sorted(WATCHING))
@pytest.mark.parametrize(
    ("peers", "by_system", "rests"),
    [
        ([], False, False),
        ([], True, False),
        ([ABLE], False, True),
        ([ABLE], True, True),
        ([DISABLED], False, True),
        ([DISABLED], True, False),
        ([DISABLED, ABLE], True, True),
    ],
)
def test_who_watches_rests_where_somebody_could_look(
    role: str, peers: list[Peer], by_system: bool, rests: bool
) -> None:
    """An administrator who disables or resets all the others has not made a way around them."""
    assert must_rest(role, peers, by_system=by_system) is rests


@pytest.mark.parametrize(
    ("actor", "peers", "by_system", "may"),
    [
        ("able", [ABLE], False, True),
        ("disabled", [DISABLED, ABLE], False, False),
        ("affected", [ABLE], False, False),
        ("stranger", [ABLE], False, False),
        ("system", [ABLE], True, False),
        ("system", [DISABLED], True, True),
        ("system", [], True, True),
    ],
)
def test_an_able_peer_confirms_and_the_command_line_only_for_want_of_one(
    actor: str, peers: list[Peer], by_system: bool, may: bool
) -> None:
    assert may_confirm(actor, RESTING, peers, by_system=by_system) is may


def test_nobody_confirms_what_they_did_themselves() -> None:
    assert not may_confirm("admin", RESTING, [Peer("admin", True)], by_system=False)


def test_nobody_confirms_over_an_earlier_change_of_their_own() -> None:
    resting = changed(RESTING, "affected", change(Cause.TOTP, 1, "other"))
    assert not may_confirm("admin", resting, [Peer("admin", True)], by_system=False)


def test_no_change_is_lost_while_an_account_rests() -> None:
    resting: Resting | None = None
    done = [change(Cause.ADDED), change(Cause.PASSWORD, 1), change(Cause.TOTP, 2), change(Cause.TOTP, 3, "other")]
    for one in done:
        resting = changed(resting, "affected", one)
    assert resting == Resting("affected", done[-1].at, tuple(done))


def test_the_same_by_the_same_is_kept_once_at_its_newest() -> None:
    resting = changed(RESTING, "affected", change(Cause.TOTP, 1))
    resting = changed(resting, "affected", change(Cause.PASSWORD, 2))
    assert resting.changes == (change(Cause.TOTP, 1), change(Cause.PASSWORD, 2))
    assert resting.since == NOW + timedelta(minutes=2)


def test_a_refusal_is_remembered_over_later_changes_and_asks_for_a_new_look() -> None:
    resting = refused(RESTING, NOW + timedelta(minutes=1), "peer", "不认识")
    assert resting.since > RESTING.since
    later = changed(resting, "affected", change(Cause.TOTP, 2))
    assert (later.refused_by, later.refused_for) == ("peer", "不认识")
    assert recorded(later) == "password by admin, totp by admin; refused by peer: 不认识"
    assert recorded(RESTING) == "password by admin"


@pytest.mark.parametrize(("cause", "needs"), [(Cause.ADDED, True), (Cause.PASSWORD, True), (Cause.TOTP, False)])
def test_a_password_that_somebody_else_chose_is_handed_over_with_a_code(cause: Cause, needs: bool) -> None:
    resting = changed(None, "affected", change(cause))
    assert needs_code(resting) is needs
    assert needs_code(changed(resting, "affected", change(Cause.TOTP, 1))) is needs


def test_a_code_is_good_for_a_week_a_few_tries_and_until_the_next_change() -> None:
    assert not awaits_owner(RESTING, NOW)
    resting = confirmed(RESTING, NOW, "digest")
    assert awaits_owner(resting, NOW + CODE_LIFE - timedelta(seconds=1))
    assert not awaits_owner(resting, NOW + CODE_LIFE)
    assert not awaits_owner(changed(resting, "affected", change(Cause.TOTP, 1)), NOW)
    for left in reversed(range(CODE_TRIES)):
        resting = wrong_code(resting)
        assert awaits_owner(resting, NOW) is (left > 0)
    assert awaits_owner(confirmed(resting, NOW, "another"), NOW), "confirmed again, the tries begin anew"


def test_every_cause_has_its_words() -> None:
    assert set(CAUSES) == set(Cause)
