"""Rules of products: a case that breaks one is refused with the rule named."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from signing.domain import idcard
from signing.domain.case import Terms
from signing.domain.errors import RuleBroken
from signing.domain.party import ROLE_TITLES, Role
from signing.domain.product import LoanRules, Product
from signing.domain.security import SECURITY_TITLES, Collateral, Mandate


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


def check_product(product: Product) -> list[str]:
    """What is wrong with the product's own data, each fault as ``key：rule`` in Chinese; empty where it is sound."""
    faults = list(_loan_faults(product.loan)) if product.loan else []
    signing = {role for document in product.documents for role in document.signers}
    for index, rule in enumerate(product.roles):
        if not 0 <= rule.min_count <= rule.max_count:
            faults.append(f"roles[{index}]：人数上下限不成立")
        if rule.role not in signing:
            faults.append(f"roles[{index}]：{ROLE_TITLES[rule.role]}没有要签的文件")
    known = [rule.role for rule in product.roles]
    if len(set(known)) != len(known):
        faults.append("roles：同一角色写了两次")
    if not any(rule.min_count for rule in product.roles):
        faults.append("roles：没有必备的角色")
    for index, document in enumerate(product.documents):
        strangers = [ROLE_TITLES[role] for role in document.signers if role not in known]
        faults += [f"documents[{index}].signers：本产品没有“{title}”这一角色" for title in strangers]
    if not product.script:
        faults.append("script：没有告知话术")
    if (product.loan is None) == (product.mandate is None):
        faults.append("loan：loan（借款）与 mandate（委托）须有且仅有一项")
    if product.collateral and not 0 < product.collateral.ratio_max <= 100:
        faults.append("collateral.ratio_max：须大于 0、不超过 100")
    if product.valid_days is not None and product.valid_days < 1:
        faults.append("valid_days：须至少为 1")
    if product.mandate and product.mandate.days_max < 1:
        faults.append("mandate.days_max：须至少为 1")
    return faults


def _loan_faults(loan: LoanRules) -> Iterator[str]:
    if not 0 < loan.amount_min <= loan.amount_max:
        yield "loan.amount_min：金额上下限不成立"
    if not 0 < loan.term_months_min <= loan.term_months_max:
        yield "loan.term_months_min：期限上下限不成立"
    if not 0 <= loan.rate_min <= loan.rate_max:
        yield "loan.rate_min：利率上下限不成立"
    if not loan.repayment_methods:
        yield "loan.repayment_methods：没有还款方式"


def check_terms(product: Product, terms: Terms | None) -> None:
    """Raises ``RuleBroken`` terms, amount, term, rate or repayment_method."""
    loan = product.loan
    if loan is None or terms is None:
        if loan is not None:
            raise RuleBroken("terms", f"{product.title}须写明金额、利率、期限、还款方式、用途和收款账号", "请补充")
        if terms is not None:
            raise RuleBroken("terms", f"{product.title}不是借款，没有金额、利率和期限", "请删去这些内容")
        return
    low, high = loan.amount_min, loan.amount_max
    if not low <= terms.amount <= high:
        raise RuleBroken("amount", f"金额须在 {low:,} 至 {high:,} 元之间", "请修改金额或换一个产品")
    if not loan.term_months_min <= terms.term_months <= loan.term_months_max:
        allowed = f"{loan.term_months_min} 至 {loan.term_months_max} 个月"
        raise RuleBroken("term", f"期限须在 {allowed}之间", "请修改期限")
    if not loan.rate_min <= terms.annual_rate_percent <= loan.rate_max:
        allowed = f"{loan.rate_min}% 至 {loan.rate_max}%"
        raise RuleBroken("rate", f"年利率须在 {allowed} 之间", "请修改利率")
    if terms.repayment_method not in loan.repayment_methods:
        raise RuleBroken("repayment_method", "本产品不支持这种还款方式", "请换一种还款方式")


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


def check_collateral(product: Product, terms: Terms | None, collateral: Sequence[Collateral]) -> None:
    """Raises ``RuleBroken`` collateral, collateral_ratio or insurance."""
    wanted = product.collateral
    if wanted is None:
        if collateral:
            raise RuleBroken("collateral", "本产品没有抵押物或者质押物", "请删去担保财产")
        return
    title = SECURITY_TITLES[wanted.kind]
    if not collateral or any(item.kind is not wanted.kind for item in collateral):
        raise RuleBroken("collateral", f"须写明{title}财产", f"请补充{title}财产的名称、数量、标识、存放地点和评估价值")
    value = sum((item.appraised_value for item in collateral), Decimal(0))
    if terms is not None and terms.amount * 100 > value * wanted.ratio_max:
        told = f"金额不得超过{title}财产评估价值 {value:,} 元的 {wanted.ratio_max:f}%"
        raise RuleBroken("collateral_ratio", told, f"请减少金额或者增加{title}财产")
    if wanted.insured and any(item.insurance is None for item in collateral):
        raise RuleBroken("insurance", f"{title}财产须投保", "请补充保险人、保险单号、保险金额和到期日")


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
