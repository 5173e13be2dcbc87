"""Who is held and who comes back while an agent talks to one party alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.domain.call import Leg, LegEvent, LegState, alone, apply_leg, together
from tests.unit.domain.factories import NOW, later

PARTIES = ("a", "b", "c")


def leg(party_id: str, *happened: LegEvent) -> Leg:
    made = Leg(f"leg_{party_id}", "call_1", "case_1", party_id, f"t_{party_id}", NOW, NOW)
    for event in happened:
        made = apply_leg(made, event, NOW)
    return made


def replaced(legs: list[Leg], changed: list[Leg]) -> list[Leg]:
    by_id = {one.leg_id: one for one in changed}
    return [by_id.get(one.leg_id, one) for one in legs]


def test_all_others_are_held_for_it_and_no_other_leg_is_touched() -> None:
    legs = [leg("a"), leg("b"), leg("c", LegEvent.HELD), leg("d", LegEvent.DROPPED)]
    changed = alone(legs, "a", later(5))
    assert [(one.party_id, one.state, one.apart, one.since) for one in changed] == [
        ("b", LegState.HELD, True, later(5))
    ]
    back = together(replaced(legs, changed), later(9))
    assert [(one.party_id, one.state, one.apart) for one in back] == [("b", LegState.LIVE, False)]


def test_who_was_on_hold_is_brought_back_to_be_talked_to() -> None:
    legs = [leg("a", LegEvent.HELD), leg("b")]
    changed = alone(legs, "a", NOW)
    assert {one.party_id: one.state for one in changed} == {"a": LegState.LIVE, "b": LegState.HELD}


def test_a_leg_that_ended_meanwhile_does_not_come_back() -> None:
    legs = alone([leg("a"), leg("b")], "a", NOW)
    gone = [apply_leg(one, LegEvent.DROPPED, NOW) for one in legs]
    assert together(gone, NOW) == []


@given(st.lists(st.sampled_from([(), (LegEvent.HELD,), (LegEvent.DROPPED,)]), min_size=3, max_size=3), st.data())
def test_afterwards_everybody_is_where_they_were_but_whom_it_was_about(
    before: list[tuple[LegEvent, ...]], data: st.DataObject
) -> None:
    legs = [leg(party, *happened) for party, happened in zip(PARTIES, before, strict=True)]
    party = data.draw(st.sampled_from(PARTIES))
    apart = replaced(legs, alone(legs, party, NOW))
    assert [one.party_id for one in apart if one.state is LegState.LIVE] in ([], [party])
    back = replaced(apart, together(apart, NOW))
    assert [one.state for one in back if one.party_id != party] == [one.state for one in legs if one.party_id != party]
    assert not any(one.apart for one in back)


@pytest.mark.parametrize("party", PARTIES)
def test_alone_with_one_and_then_with_another_holds_the_first(party: str) -> None:
    legs = [leg(one) for one in PARTIES]
    legs = replaced(legs, alone(legs, "a", NOW))
    legs = replaced(legs, together(legs, NOW))
    legs = replaced(legs, alone(legs, party, NOW))
    assert [one.party_id for one in legs if one.state is LegState.LIVE] == [party]
