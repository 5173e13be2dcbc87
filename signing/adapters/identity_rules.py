"""What can be checked once a card is text: against the case, against itself, against the calendar. Pure."""

import unicodedata
from dataclasses import replace
from datetime import date, datetime, timedelta

from signing.domain.beijing import BEIJING
from signing.domain.idcard import age_on, birth_date, is_valid
from signing.domain.party import CardSide, Party

LONG_TERM = "长期"
SOON = timedelta(days=30)


def compare_front(side: CardSide, party: Party, at: datetime) -> CardSide:
    """Name and number against the case; check character, birth and sex against the number (GB 11643)."""
    fields = side.fields
    number = fields["number"].upper()
    sound = is_valid(number)
    same_name = plain_name(fields["name"]) == plain_name(party.name)
    same_number = number == party.id_number.upper()
    warnings = []
    if not same_name:
        warnings.append("证件上的姓名与业务登记的不一致，请看证件是否拿错；没有拿错请重拍或更正业务")
    if not same_number:
        warnings.append("证件上的号码与业务登记的不一致，请看证件是否拿错；没有拿错请重拍或更正业务")
    if not sound:
        warnings.append("证件号码校验不通过，多半是没有读准，请重拍；仍不通过请核对原件真伪")
    return replace(
        side,
        checksum_ok=sound,
        name_matches=same_name,
        number_matches=same_number,
        warnings=(*warnings, *_inconsistencies(fields, number, at)),
    )


def compare_back(side: CardSide, party: Party, at: datetime) -> CardSide:
    """Validity on the Beijing day of ``at``, and whether term and age fit (居民身份证法 art. 5)."""
    today = at.astimezone(BEIJING).date()
    start = _day(side.fields["valid_from"])
    until = side.fields["valid_until"]
    end = date.max if until == LONG_TERM else _day(until)
    if start is None or end is None or start > end:
        return replace(side, warnings=("有效期限没有读准，请对照原件核对或重拍国徽面",))
    warnings = []
    if end < today:
        warnings.append(f"身份证已于 {end} 到期，请客户换领新证后再办")
    elif end - today <= SOON:
        warnings.append(f"身份证将于 {end} 到期，请提醒客户换证")
    if start > today:
        warnings.append("身份证的起始日期还没有到，请核对原件真伪")
    if not term_fits(birth_date(party.id_number), start, end):
        warnings.append("有效期限与办证时的年龄不相符，请对照原件仔细核对")
    if "authority" not in side.fields:
        warnings.append("签发机关没有读出，请对照原件核对")
    return replace(side, validity_ok=start <= today <= end, warnings=tuple(warnings))


def plain_name(name: str) -> str:
    """For comparison: one form of width and of the dot in names of minorities, no spaces."""
    text = unicodedata.normalize("NFKC", name)
    return "".join("·" if c in "•・‧∙." else c for c in text if not c.isspace())


def term_fits(birth: date | None, start: date, end: date) -> bool:
    """5 years under 16, 10 years from 16, 20 years from 26, unlimited from 46; True where the birth is unknown.

    A day of play for cards issued on 29 February.
    """
    if birth is None:
        return True
    age = age_on(birth, start)
    if end == date.max:
        return age >= 46
    years = 5 if age < 16 else 10 if age < 26 else 20
    return age < 46 and abs((end - _years_on(start, years)).days) <= 1


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _inconsistencies(fields: dict[str, str], number: str, at: datetime) -> list[str]:
    found = []
    birth = birth_date(number)
    if "birth" in fields and birth is not None and fields["birth"] != birth.isoformat():
        found.append("证件上的出生日期与号码不相符，请对照原件核对或重拍")
    if "sex" in fields and (fields["sex"] == "男") != (int(number[16]) % 2 == 1):
        found.append("证件上的性别与号码不相符，请对照原件核对或重拍")
    if birth is not None and birth > at.astimezone(BEIJING).date():
        found.append("证件号码里的出生日期在将来，请核对原件真伪")
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
