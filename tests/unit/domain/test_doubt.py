"""What the check of a recording found: its words, its event, and what is kept of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import ValidationError

from signing.domain import events
from signing.domain.call import Call
from signing.domain.doubt import MOST, TITLES, Doubt, Kind, is_new
from signing.domain.events import title_of
from signing.wire.quality import ReportDoubt
from tests.unit.domain.factories import NOW, make_party

CALL = Call("call_1", "case_1", "s1", "staff_1", "张秀英", NOW)
BLACK = Doubt(Kind.BLACK, NOW, NOW + timedelta(seconds=27))


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_has_words(kind: Kind) -> None:
    assert TITLES[kind] in Doubt(kind, NOW).in_words


@pytest.mark.parametrize(
    ("party", "of_agent", "until", "title"),
    [
        (True, False, 27, "录像检查：借款人王*国的画面全黑，10:10:00 至 10:10:27"),
        (False, True, None, "录像检查：坐席的画面全黑，10:10:00起"),
        (False, False, None, "录像检查：画面全黑，10:10:00起"),
    ],
)
def test_the_title_says_whose_it_was_and_when(party: bool, of_agent: bool, until: float | None, title: str) -> None:
    doubt = Doubt(Kind.BLACK, NOW, None if until is None else NOW + timedelta(seconds=until), of_agent)
    happening = events.recording_doubted(make_party() if party else None, CALL, doubt)
    assert title_of(happening.type, happening.body) == title
    assert happening.body["call_id"] == "call_1"
    assert happening.body["since"] == "2026-11-24T02:10:00.000Z"


def test_the_same_report_is_kept_once_and_its_end_is_another() -> None:
    begun = replace(BLACK, until=None)
    assert is_new(begun, "p1", [])
    assert not is_new(begun, "p1", [(begun, "p1")])
    assert is_new(BLACK, "p1", [(begun, "p1")])
    assert is_new(begun, "p2", [(begun, "p1")])
    assert is_new(begun, None, [(begun, "p1")])


def test_a_call_keeps_only_so_many() -> None:
    many = [(replace(BLACK, since=NOW + timedelta(seconds=number)), "p1") for number in range(1, MOST + 1)]
    assert is_new(BLACK, "p1", many[1:])
    assert not is_new(BLACK, "p1", many)


@pytest.mark.parametrize("wrong", [{"kind": "odd"}, {"since": "2026-11-24T02:10:00"}, {"party_id": "王"}, {"more": 1}])
def test_the_wire_takes_nothing_else(wrong: dict[str, object]) -> None:
    message = {"kind": "black", "since": "2026-11-24T02:10:00Z"}
    assert ReportDoubt.model_validate(message).until is None
    with pytest.raises(ValidationError):
        ReportDoubt.model_validate({**message, **wrong})
