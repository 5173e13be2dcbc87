"""Which accounts rest after a change, and who may end that: every role, every kind of peer, both doors."""

from datetime import UTC, datetime

import pytest

from signing.domain.resting import CAUSES, WATCHING, Cause, Peer, Resting, may_confirm, must_rest

ABLE, DISABLED = Peer("able", True), Peer("disabled", False)
RESTING = Resting("affected", Cause.PASSWORD, datetime(2026, 11, 26, tzinfo=UTC), "admin")


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


def test_every_cause_has_its_words() -> None:
    assert set(CAUSES) == set(Cause)
