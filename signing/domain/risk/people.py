"""Rules about a person: age, and the validity of the identity card."""

from collections.abc import Iterator
from datetime import date

from signing.domain.idcard import age_on, birth_date
from signing.domain.party import Role
from signing.domain.risk.facts import Facts, Subject
from signing.domain.risk.lending import DEBTORS
from signing.domain.risk.rule import Hit, Numbers, whole
from signing.domain.schedule import add_months

ADULT = 18
"""民法典 arts. 17-18: full capacity from eighteen on."""


def minor(facts: Facts, _: Numbers) -> Iterator[Hit]:
    for subject in facts.subjects:
        birth = birth_date(subject.id_number)
        if birth is not None and age_on(birth, facts.today) < ADULT:
            age = age_on(birth, facts.today)
            yield Hit(
                f"现年 {age} 周岁，未满 {ADULT} 周岁", subject, "未成年人不能办理，请核对身份证号码", {"age": str(age)}
            )


def age_at_maturity(facts: Facts, numbers: Numbers) -> Iterator[Hit]:
    yield from _too_old(facts, DEBTORS, whole(numbers, "age"))


def guarantor_age(facts: Facts, numbers: Numbers) -> Iterator[Hit]:
    yield from _too_old(facts, (Role.GUARANTOR,), whole(numbers, "age"))


def _too_old(facts: Facts, roles: tuple[Role, ...], limit: int) -> Iterator[Hit]:
    end = maturity(facts)
    if end is None:
        return
    for subject in facts.in_role(*roles):
        birth = birth_date(subject.id_number)
        if birth is not None and age_on(birth, end) > limit:
            age = age_on(birth, end)
            told = {"age": str(age), "limit": str(limit), "maturity": end.isoformat()}
            words = f"借款到期时（{end}）{age} 周岁，超过 {limit} 周岁"
            yield Hit(words, subject, "请缩短期限，或由主管写明理由后放行", told)


def maturity(facts: Facts) -> date | None:
    """The day the loan would end if it were paid out today."""
    return None if facts.terms is None else add_months(facts.today, facts.terms.term_months)


def id_expired(facts: Facts, _: Numbers) -> Iterator[Hit]:
    """The last day of validity is inside (居民身份证法 art. 5)."""
    for subject, end in _cards(facts):
        if end < facts.today:
            told = {"valid_until": end.isoformat()}
            yield Hit(f"身份证已于 {end} 到期", subject, "请客户换领新证后再办", told)


def id_expires_in_term(facts: Facts, _: Numbers) -> Iterator[Hit]:
    until = maturity(facts)
    for subject, end in _cards(facts):
        if until is not None and facts.today <= end < until:
            told = {"valid_until": end.isoformat(), "maturity": until.isoformat()}
            yield Hit(f"身份证将于 {end} 到期，早于借款到期日 {until}", subject, "请提醒客户按时换证", told)


def _cards(facts: Facts) -> Iterator[tuple[Subject, date]]:
    for subject in facts.subjects:
        if subject.card_valid_until is not None:
            yield subject, subject.card_valid_until
