"""Helpers: who may be one, and when they must be out of the picture."""

from dataclasses import replace
from datetime import timedelta

import pytest

from signing.domain.errors import InputError, RuleBroken
from signing.domain.helper import Helper, aside, checked, require_alone, returned
from signing.domain.party import Role
from signing.domain.phase import Phase, phase_of, proof_of, seal_blocked_by
from tests.unit.domain.factories import NOW, VALID_NUMBER, finished_case, make_party

HELPER = Helper(" 李建强 ", " 子女 ", "agent", NOW)
OTHER_NUMBER = "350823198209174138"


def test_what_is_said_is_tidied() -> None:
    told = replace(HELPER, id_number=" 11010519491231002x ", phone="13900139000")
    assert checked(told, [OTHER_NUMBER]) == replace(
        HELPER, name="李建强", relation="子女", id_number=VALID_NUMBER, phone="13900139000"
    )
    assert checked(HELPER, [VALID_NUMBER]).id_number == ""


@pytest.mark.parametrize(
    "wrong",
    [{"name": "李"}, {"name": "  "}, {"relation": " "}, {"id_number": "110105194912310021"}, {"phone": "12345"}],
)
def test_what_cannot_be_right_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(InputError):
        checked(replace(HELPER, **wrong), [])  # type: ignore[arg-type]


def test_a_party_of_the_case_is_no_helper_in_it() -> None:
    with pytest.raises(RuleBroken) as refused:
        checked(replace(HELPER, id_number=VALID_NUMBER), [OTHER_NUMBER, VALID_NUMBER])
    assert refused.value.rule == "helper_is_party"


def test_only_a_helper_in_the_picture_stands_in_the_way_and_only_of_what_is_checked() -> None:
    away = aside(HELPER, NOW)
    for helper, alone in ((None, True), (None, False), (HELPER, False), (away, True), (away, False)):
        require_alone(helper, alone=alone)
    for helper in (HELPER, returned(away)):
        with pytest.raises(RuleBroken) as refused:
            require_alone(helper, alone=True)
        assert refused.value.rule == "helper_aside"


def test_stepping_aside_twice_keeps_the_first_time() -> None:
    assert aside(aside(HELPER, NOW), NOW + timedelta(minutes=1)).aside_at == NOW


def test_a_helper_counts_nowhere() -> None:
    """No role among those that sign, and with one at the side nothing more and nothing less is needed."""
    assert "helper" not in {role.value for role in Role}
    case = finished_case()
    accompanied = replace(case, parties=tuple(replace(party, helper=HELPER) for party in case.parties))
    assert phase_of(accompanied) == phase_of(case) == Phase.SIGNED
    assert seal_blocked_by(accompanied) == seal_blocked_by(case)
    assert proof_of(accompanied) == proof_of(case)
    assert make_party().helper is None
