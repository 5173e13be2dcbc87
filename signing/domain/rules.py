"""Rules of products about terms, people and mandate: a case that breaks one is refused with the rule named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from signing.domain import idcard
from signing.domain.case import Terms
from signing.domain.errors import RuleBroken
from signing.domain.party import ROLE_TITLES, Role
from signing.domain.product import Product
from signing.domain.security import Mandate

RATE_CEILING = Decimal(24)
"""Percent a year: what interest, penalty and fees of a loan may come to together (法发〔2017〕22 号 art. 2)."""


@dataclass(frozen=True)
class Person:
    """A party before the case exists: what the rules look at."""

    role: Role
    name: str
    id_number: str
    share_percent: Decimal | None = None


@dataclass(frozen=True)
class RosterEntry:
    """A household's credit line 整村授信, in yuan."""

    name: str
    line: Decimal
    valid_until: datetime


def check_terms(product: Product, terms: Terms | None) -> None:
    """Raises ``RuleBroken`` terms, amount, term, rate or repayment_method."""
    loan = product.loan
    if loan is None or terms is None:
        if loan is not None:
            raise RuleBroken("terms", f"{product.title}须写明金额、利率、期限、还款方式、用途和收款账号", "请补充")
        if terms is not None:
            raise RuleBroken("terms", f"{product.title}不是借款，没有金额、利率和期限", "请删去这些内容")
        return
    if not _within(terms.amount, loan.amount_min, loan.amount_max):
        allowed = _range(f"{loan.amount_min:,}", loan.amount_max and f"{loan.amount_max:,}", " 元")
        raise RuleBroken("amount", f"金额须{allowed}", "请修改金额或换一个产品")
    if not _within(terms.term_months, loan.term_months_min, loan.term_months_max):
        allowed = _range(str(loan.term_months_min), loan.term_months_max and str(loan.term_months_max), " 个月")
        raise RuleBroken("term", f"期限须{allowed}", "请修改期限")
    if not _within(terms.annual_rate_percent, loan.rate_min, loan.rate_max):
        low, high = (None if rate is None else f"{rate}%" for rate in (loan.rate_min, loan.rate_max))
        raise RuleBroken("rate", f"年利率须{_range(low, high, '')}", "请修改利率")
    if terms.annual_rate_percent > RATE_CEILING:
        told = f"年利率不得超过 {RATE_CEILING}%：利息和各项费用合计超过的部分不受法律保护（法发〔2017〕22 号）"
        raise RuleBroken("rate", told, "请修改利率")
    if terms.repayment_method not in loan.repayment_methods:
        raise RuleBroken("repayment_method", "本产品不支持这种还款方式", "请换一种还款方式")


def _within(value: Decimal | int, low: Decimal | int | None, high: Decimal | int | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _range(low: object, high: object, unit: str) -> str:
    """``在 1 至 36 个月之间``, or only the end that there is; with one number for both, that one."""
    if low is None or high is None:
        return f"不低于 {low}{unit}" if high is None else f"不超过 {high}{unit}"
    return f"为 {low}{unit}" if low == high else f"在 {low} 至 {high}{unit}之间"


def check_people(product: Product, people: Iterable[Person]) -> None:
    """Raises ``RuleBroken`` id_number, roles, same_person or shares."""
    people = list(people)
    for person in people:
        if not idcard.is_valid(person.id_number):
            raise RuleBroken("id_number", f"{ROLE_TITLES[person.role]}的身份证号码校验不通过", "请核对 18 位号码")
        if not product.count(person.role)[1]:
            raise RuleBroken("roles", f"本产品没有“{ROLE_TITLES[person.role]}”这一角色", "请删去该当事人")
    present = [person.role for person in people]
    for rule in product.roles:
        title, number = ROLE_TITLES[rule.role], present.count(rule.role)
        if number < rule.min_count:
            told = f"缺少{title}" if rule.min_count == 1 else f"{title}须至少 {rule.min_count} 名"
            raise RuleBroken("roles", told, "请补充当事人")
        if number > rule.max_count:
            raise RuleBroken("roles", f"{title}最多 {rule.max_count} 名", "请删去多出的当事人")
    if len({person.id_number.upper() for person in people}) != len(people):
        raise RuleBroken("same_person", "同一身份证号码出现了两次", "同一个人只能担任一个角色")
    _check_shares(people)


def _check_shares(people: Sequence[Person]) -> None:
    """Shares of a guarantee are stated for all guarantors or for none, and add up to the debt (民法典 art. 699)."""
    if any(person.share_percent is not None and person.role is not Role.GUARANTOR for person in people):
        raise RuleBroken("shares", "只有保证人可以有保证份额", "请删去其他当事人的份额")
    shares = [person.share_percent for person in people if person.role is Role.GUARANTOR]
    stated = [share for share in shares if share is not None]
    if stated and (len(stated) != len(shares) or min(stated) <= 0 or sum(stated) != 100):
        raise RuleBroken("shares", "各保证人的份额须全部写明，每人大于零，合计为 100%", "请修改份额，或者全部不写")


def check_mandate(product: Product, mandate: Mandate | None) -> None:
    """Raises ``RuleBroken`` mandate. Matter, scope and term are stated (民法典 art. 165)."""
    wanted = product.mandate
    if wanted is None:
        if mandate is not None:
            raise RuleBroken("mandate", "本产品没有委托事项", "请删去委托内容")
        return
    if mandate is None or not mandate.matter.strip() or not mandate.scope.strip():
        raise RuleBroken("mandate", "须写明委托事项、权限和期限", "请补充委托内容")
    days = (mandate.valid_until - mandate.valid_from).days + 1
    if not 1 <= days <= wanted.days_max:
        raise RuleBroken("mandate", f"委托期限须在 1 至 {wanted.days_max} 天之间", "请修改委托的起止日期")
