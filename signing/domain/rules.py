"""Rules of products: a case that breaks one is refused with the rule named."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from signing.domain import idcard
from signing.domain.case import Terms
from signing.domain.errors import RuleBroken
from signing.domain.party import ROLE_TITLES, Role
from signing.domain.product import Product


@dataclass(frozen=True)
class Person:
    """A party before the case exists: what the rules look at."""

    role: Role
    name: str
    id_number: str


@dataclass(frozen=True)
class RosterEntry:
    """A household's credit line 整村授信, in yuan."""

    name: str
    line: Decimal
    valid_until: datetime


def check_product(product: Product) -> list[str]:
    """What is wrong with the product's own data, in Chinese; empty where it is sound."""
    faults: list[str] = []
    if not 0 < product.amount_min <= product.amount_max:
        faults.append("金额上下限不成立")
    if not 0 < product.term_months_min <= product.term_months_max:
        faults.append("期限上下限不成立")
    if not 0 <= product.rate_min <= product.rate_max:
        faults.append("利率上下限不成立")
    if not product.repayment_methods:
        faults.append("没有还款方式")
    if not set(product.roles_required) <= set(product.roles_allowed):
        faults.append("必备角色不在允许的角色之内")
    faults += [
        f"{ROLE_TITLES[role]}没有要签的文件" for role in product.roles_allowed if not product.documents.get(role)
    ]
    return faults


def check_terms(product: Product, terms: Terms) -> None:
    """Raises ``RuleBroken`` amount, term, rate or repayment_method."""
    low, high = product.amount_min, product.amount_max
    if not low <= terms.amount <= high:
        raise RuleBroken("amount", f"金额须在 {low:,} 至 {high:,} 元之间", "请修改金额或换一个产品")
    if not product.term_months_min <= terms.term_months <= product.term_months_max:
        allowed = f"{product.term_months_min} 至 {product.term_months_max} 个月"
        raise RuleBroken("term", f"期限须在 {allowed}之间", "请修改期限")
    if not product.rate_min <= terms.annual_rate_percent <= product.rate_max:
        allowed = f"{product.rate_min}% 至 {product.rate_max}%"
        raise RuleBroken("rate", f"年利率须在 {allowed} 之间", "请修改利率")
    if terms.repayment_method not in product.repayment_methods:
        raise RuleBroken("repayment_method", "本产品不支持这种还款方式", "请换一种还款方式")


def check_people(product: Product, people: Iterable[Person]) -> None:
    """Raises ``RuleBroken`` id_number, roles or same_person."""
    people = list(people)
    for person in people:
        if not idcard.is_valid(person.id_number):
            raise RuleBroken("id_number", f"{ROLE_TITLES[person.role]}的身份证号码校验不通过", "请核对 18 位号码")
        if person.role not in product.roles_allowed:
            raise RuleBroken("roles", f"本产品没有“{ROLE_TITLES[person.role]}”这一角色", "请删去该当事人")
    present = [person.role for person in people]
    for role in product.roles_required:
        if role not in present:
            raise RuleBroken("roles", f"缺少{ROLE_TITLES[role]}", "请补充当事人")
    if present.count(Role.BORROWER) > 1:
        raise RuleBroken("roles", "借款人只能有一名", "其他人请选“共同借款人”")
    if len({person.id_number.upper() for person in people}) != len(people):
        raise RuleBroken("same_person", "同一身份证号码出现了两次", "同一个人只能担任一个角色")


def check_roster(product: Product, borrower: Person, amount: Decimal, entry: RosterEntry | None, now: datetime) -> None:
    """Raises ``RuleBroken`` roster or roster_line. The household must be on the village roster 整村建档."""
    if not product.roster_line_required:
        return
    if entry is None or entry.name != borrower.name:
        raise RuleBroken("roster", "借款人不在整村授信名册中", "请先完成建档授信")
    if entry.valid_until < now:
        raise RuleBroken("roster", "借款人的授信已过期", "请先重新授信")
    if amount > entry.line:
        raise RuleBroken("roster_line", f"金额超过授信额度 {entry.line:,} 元", "请修改金额或先调整授信")


def check_channel(product: Product, amount: Decimal, in_person_reason: str, limit: Decimal | None = None) -> None:
    """Raises ``RuleBroken`` electronic_channel: above the limit somebody must also have signed in person.

    个人贷款管理办法 art. 26. ``in_person_reason`` is the co-signing mark or a supervisor's reasoned override;
    ``limit`` is the institution's own, where it sets one below the product's.
    """
    allowed = product.electronic_only_up_to if limit is None else min(limit, product.electronic_only_up_to)
    if in_person_reason or amount <= allowed:
        return
    message = f"超过 {allowed:,} 元的个人贷款不能只通过电子渠道签订"
    raise RuleBroken("electronic_channel", message, "请登记现场面签，或由主管写明理由后放行")
