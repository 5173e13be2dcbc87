"""What a product permits, in words for whoever chooses one. Nothing here decides anything: the rules do."""

from collections.abc import Iterator
from decimal import Decimal

from signing.domain.particulars import BORROWER_TITLES, GUARANTEE_TITLES, INDUSTRY_TITLES, MODE_TITLES
from signing.domain.party import ROLE_TITLES, Role
from signing.domain.product import LENDER_TITLES, CollateralRules, LenderKind, LoanRules, Pricing, Product
from signing.domain.reference import Lpr
from signing.domain.schedule import METHOD_TITLES
from signing.domain.security import SECURITY_TITLES, SUBJECT_TITLES


def limits(product: Product, lender: LenderKind, lpr: Lpr | None, channel: Decimal | None) -> list[tuple[str, str]]:
    """(title, words) of each limit. ``channel``: what the electronic channel alone may conclude, in yuan."""
    rows = [
        *(_of_loan(product.loan, lender, lpr, channel) if product.loan else ()),
        *_of_others(product),
        ("当事人", "、".join(_counted(rule.role, rule.min_count, rule.max_count) for rule in product.roles)),
        ("保证方式", "或者".join(GUARANTEE_TITLES[kind] for kind in product.guarantees)),
        ("担保财产", "；".join(_security(rule) for rule in product.collateral)),
        ("借款主体", "、".join(BORROWER_TITLES[kind] for kind in product.borrower_kinds)),
        ("合作模式", "、".join(MODE_TITLES[mode] for mode in product.modes)),
        ("办理机构", "、".join(LENDER_TITLES[kind] for kind in product.lender_kinds)),
    ]
    return [(title, words) for title, words in rows if words]


def _of_loan(
    loan: LoanRules, lender: LenderKind, lpr: Lpr | None, channel: Decimal | None
) -> Iterator[tuple[str, str]]:
    yield "金额", spread(f"{loan.amount_min:,.0f}", f"{loan.amount_max:,.0f}" if loan.amount_max else "", "元")
    yield "期限", spread(str(loan.term_months_min), str(loan.term_months_max or ""), "个月")
    low, high = (None if rate is None else f"{rate:f}%" for rate in (loan.rate_min, loan.rate_max))
    pricing = next((one for one in loan.pricing if one.binds(lender)), None)
    yield "年利率", "，".join(part for part in (spread(low or "", high or "", ""), priced(pricing, lpr)) if part)
    yield "还款方式", "、".join(METHOD_TITLES[method] for method in loan.repayment_methods)
    yield "循环期限", f"最长 {loan.revolving_months_max} 个月" if loan.revolving_months_max else ""
    yield "行业", "；".join(f"{INDUSTRY_TITLES[one.industry]}至多 {one.amount_max:,.0f} 元" for one in loan.industries)
    yield "名册", "借款人须在村名册中，金额不超过授信额度" if loan.roster_line_required else ""
    yield "名单", f"借款人须在有效的“{loan.list_kind}”中" if loan.list_kind else ""
    yield "证明", "须有财政支持证明" if loan.certificate else ""
    yield "用途", "只能归还写明的一笔贷款" if loan.bridging else ""
    gate = loan.electronic_only_up_to if channel is None else min(channel, loan.electronic_only_up_to)
    yield "电子渠道", f"超过 {gate:,.0f} 元的，须现场面签或由主管放行"


def _of_others(product: Product) -> Iterator[tuple[str, str]]:
    if product.mandate:
        yield "委托期限", f"最长 {product.mandate.days_max} 天"
    if product.inquiry:
        yield "授权期限", f"最长 {product.inquiry.days_max} 天"
    if product.cover:
        area = f"至多 {product.cover.area_max:,f} 亩，" if product.cover.area_max else ""
        per_mu = f"每亩至多 {product.cover.per_mu_max:,f} 元，" if product.cover.per_mu_max else ""
        yield "保险", f"{area}{per_mu}最长 {product.cover.days_max} 天"


def priced(pricing: Pricing | None, lpr: Lpr | None) -> str:
    """How a rate hangs on the LPR, and where that leads today."""
    if pricing is None:
        return ""
    low, high = (
        None if points is None else f"LPR {'+' if points >= 0 else '−'} {abs(points):f} 个基点"
        for points in (pricing.points_min, pricing.points_max)
    )
    words = spread(low or "", high or "", "")
    if lpr is None:
        return f"{words}（没有今天可用的 LPR）"
    base = lpr.one_year
    low, high = (
        None if points is None else f"{base + points / 100:f}%" for points in (pricing.points_min, pricing.points_max)
    )
    if not lpr.confirmed:
        return f"{words}（{lpr.day} 的 LPR 待核对，须先由管理员导入）"
    return f"{words}（一年期 LPR 今为 {base:f}%，即{spread(low or '', high or '', '')}）"


def spread(low: str, high: str, unit: str) -> str:
    """``1 至 36 个月``, ``不低于 1 元``, ``不超过 3 元``; empty where there is no limit."""
    after = f" {unit}" if unit else ""
    if low and high:
        return f"{low}{after}" if low == high else f"{low} 至 {high}{after}"
    if low:
        return f"不低于 {low}{after}"
    return f"不超过 {high}{after}" if high else ""


def _counted(role: Role, least: int, most: int) -> str:
    return f"{ROLE_TITLES[role]} {least} 名" if least == most else f"{ROLE_TITLES[role]} {least}–{most} 名"


def _security(rule: CollateralRules) -> str:
    subjects = "、".join(SUBJECT_TITLES[subject] for subject in rule.subjects)
    kind = SECURITY_TITLES[rule.kind]
    parts = [
        f"{kind}{f'（{subjects}）' if subjects else ''}",
        "" if rule.required else "可以没有",
        f"由其担保的金额至多为评估价值的 {rule.ratio_max:f}%" if rule.ratio_max is not None else "",
        "须投保" if rule.insured else "",
        "须登记" if rule.registered else "",
        f"仅限{'、'.join(MODE_TITLES[mode] for mode in rule.modes)}模式" if rule.modes else "",
    ]
    return "，".join(part for part in parts if part)
