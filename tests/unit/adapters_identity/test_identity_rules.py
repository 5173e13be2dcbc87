"""The comparing, away from any picture."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from signing.adapters.identity_rules import compare_back, compare_front, plain_name, term_fits
from signing.domain.party import CardSide, Party, Role

AT = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
PARTY = Party("party_1", Role.BORROWER, "王秀兰", "11010519491231002X", "13800138000")
FRONT = {"name": "王秀兰", "sex": "女", "birth": "1949-12-31", "number": "11010519491231002X"}
BACK = {"authority": "上杭县公安局", "valid_from": "2016-08-12", "valid_until": "长期"}


def front(**changed: str) -> CardSide:
    return compare_front(CardSide("front", AT, "0" * 64, True, FRONT | changed), PARTY, AT)


def back(party: Party = PARTY, at: datetime = AT, **changed: str) -> CardSide:
    return compare_back(CardSide("back", at, "0" * 64, True, BACK | changed), party, at)


def test_a_card_that_fits_has_no_warnings() -> None:
    side = front()
    assert (side.name_matches, side.number_matches, side.checksum_ok, side.warnings) == (True, True, True, ())


def test_another_name_and_another_number() -> None:
    side = front(name="李福生")
    assert (side.name_matches, side.number_matches) == (False, True)
    assert "姓名" in side.warnings[0]
    side = front(number="110105199003072345")
    assert (side.number_matches, side.checksum_ok) == (False, False)
    assert any("校验" in warning for warning in side.warnings)


def test_no_warning_holds_personal_data() -> None:
    side = front(name="李福生", number="110105199003072345", birth="1950-01-01", sex="男")
    assert len(side.warnings) >= 4
    text = "".join(side.warnings)
    assert not any(value in text for value in (*side.fields.values(), PARTY.name, PARTY.id_number) if len(value) > 1)


def test_the_card_contradicts_itself() -> None:
    assert "性别" in front(sex="男").warnings[0]
    assert "出生日期" in front(birth="1949-12-13").warnings[0]
    assert any("将来" in w for w in front(number="110105203912310029", birth="2039-12-31").warnings)


@pytest.mark.parametrize(
    ("one", "other"), [("阿依古丽·买买提", "阿依古丽•买买提"), ("王秀兰", " 王秀兰 "), ("买买提·A", "买买提.A")]
)
def test_names_are_the_same_whatever_the_dot(one: str, other: str) -> None:
    assert plain_name(one) == plain_name(other)


def test_validity_ends_with_the_last_day_in_beijing() -> None:
    young = replace(PARTY, id_number="110105199003072346")
    last_minute = datetime(2026, 11, 24, 15, 59, tzinfo=UTC)
    side = back(young, last_minute, valid_from="2006-11-24", valid_until="2026-11-24")
    assert side.validity_ok is True
    after = datetime(2026, 11, 24, 16, 1, tzinfo=UTC)
    side = back(young, after, valid_from="2006-11-24", valid_until="2026-11-24")
    assert side.validity_ok is False
    assert "到期" in side.warnings[0]


def test_validity_soon_over_not_begun_or_not_legible() -> None:
    young = replace(PARTY, id_number="110105199003072346")
    assert "提醒" in back(young, valid_from="2016-12-12", valid_until="2026-12-12").warnings[0]
    assert back(valid_from="2026-12-01").validity_ok is False
    assert back(valid_from="2016-13-45").validity_ok is None
    assert back(valid_until="2010-08-12").validity_ok is None, "ends before it begins"


def test_a_missing_authority_is_said() -> None:
    fields = {name: text for name, text in BACK.items() if name != "authority"}
    side = compare_back(CardSide("back", AT, "0" * 64, True, fields), PARTY, AT)
    assert (side.validity_ok, len(side.warnings)) == (True, 1)


@pytest.mark.parametrize(
    ("birth", "start", "end", "fits"),
    [
        ("1949-12-31", "2016-08-12", date.max, True),
        ("1990-03-07", "2019-01-02", date.max, False),
        ("1990-03-07", "2019-01-02", "2039-01-02", True),
        ("1990-03-07", "2019-01-02", "2029-01-02", False),
        ("2004-05-05", "2021-06-01", "2031-06-01", True),
        ("2015-05-05", "2024-02-29", "2029-02-28", True),
        ("1996-02-29", "2024-02-29", "2044-02-29", True),
        ("1949-12-31", "2016-08-12", "2036-08-12", False),
        (None, "2016-08-12", "2019-08-12", True),
    ],
)
def test_terms_by_age(birth: str | None, start: str, end: str | date, fits: bool) -> None:
    until = end if isinstance(end, date) else date.fromisoformat(end)
    born = date.fromisoformat(birth) if birth else None
    assert term_fits(born, date.fromisoformat(start), until) is fits
