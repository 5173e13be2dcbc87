"""Rules about the loan: roster and line, the electronic channel, what the borrower owes already."""

from collections.abc import Iterator
from decimal import Decimal

from signing.domain.party import Role
from signing.domain.product import Pricing
from signing.domain.risk.facts import Facts, Subject
from signing.domain.risk.rule import Hit, Numbers

DEBTORS = (Role.BORROWER, Role.CO_BORROWER)


def _on_roster(facts: Facts) -> Iterator[Subject]:
    """Those whose household must be on the village roster 整村建档."""
    if facts.terms is not None and facts.loan is not None and facts.loan.roster_line_required:
        yield from facts.in_role(Role.BORROWER)


def roster(facts: Facts, _: Numbers) -> Iterator[Hit]:
    for subject in _on_roster(facts):
        entry = subject.roster
        if entry is None or entry.name != subject.name:
            yield Hit("借款人不在整村授信名册中", subject, "请先完成建档授信")
        elif entry.valid_until < facts.now:
            yield Hit("借款人的授信已过期", subject, "请先重新授信", {"valid_until": entry.valid_until.isoformat()})


def roster_line(facts: Facts, _: Numbers) -> Iterator[Hit]:
    for subject in _on_roster(facts):
        entry = subject.roster
        if entry is not None and entry.name == subject.name and facts.terms and facts.terms.amount > entry.line:
            told = {"amount": str(facts.terms.amount), "line": str(entry.line)}
            yield Hit(f"金额超过授信额度 {entry.line:,} 元", subject, "请修改金额或先调整授信", told)


def list_membership(facts: Facts, _: Numbers) -> Iterator[Hit]:
    """乡村振兴名单, a core enterprise's upstream list: the product names the kind it asks for."""
    kind = facts.loan.list_kind if facts.loan else ""
    for subject in facts.in_role(Role.BORROWER) if kind else ():
        if kind not in subject.list_kinds:
            yield Hit(f"借款人不在有效的“{kind}”中", subject, "请核对名单，确应在册的请先导入名单", {"kind": kind})


def _pricing(facts: Facts) -> Pricing | None:
    """What binds this lender's rate to the loan prime rate (PBC 公告〔2019〕15 号)."""
    pricing = facts.loan.pricing if facts.loan and facts.terms else ()
    return next((one for one in pricing if one.binds(facts.lender)), None)


def _base(facts: Facts, pricing: Pricing) -> Decimal | None:
    """The LPR of the loan's term, or the one year's where the product says so; None where it is not known."""
    if facts.lpr is None or facts.terms is None:
        return None
    return facts.lpr.one_year if pricing.one_year else facts.lpr.for_months(facts.terms.term_months)


def lpr_cap(facts: Facts, _: Numbers) -> Iterator[Hit]:
    """Also where the LPR of the day is not known or was never compared with what was published: none is guessed."""
    pricing = _pricing(facts)
    if pricing is None or facts.terms is None:
        return
    base = _base(facts, pricing)
    if facts.lpr is None or base is None:
        yield Hit(f"没有 {facts.today} 可用的 LPR，不能核对利率", hint="请先导入当月公布的贷款市场报价利率")
    elif not facts.lpr.confirmed:
        words = f"{facts.lpr.day} 的 LPR 是随程序附带、还没有核对过的数据，不能据以定价"
        yield Hit(words, hint="请管理员按全国银行间同业拆借中心公布的数据导入这一天的报价")
    elif pricing.points_max is not None and facts.terms.annual_rate_percent > (cap := base + pricing.points_max / 100):
        told = {"rate": str(facts.terms.annual_rate_percent), "cap": str(cap), "lpr_day": facts.lpr.day.isoformat()}
        words = f"年利率 {facts.terms.annual_rate_percent:f}% 超过按 {facts.lpr.day} LPR 计算的上限 {cap:f}%"
        yield Hit(words, hint="请修改利率", facts=told)


def lpr_floor(facts: Facts, _: Numbers) -> Iterator[Hit]:
    pricing = _pricing(facts)
    base = _base(facts, pricing) if pricing else None
    if pricing is None or base is None or pricing.points_min is None or facts.lpr is None or facts.terms is None:
        return
    if not facts.lpr.confirmed:
        return
    floor = base + pricing.points_min / 100
    if facts.terms.annual_rate_percent < floor:
        told = {"rate": str(facts.terms.annual_rate_percent), "floor": str(floor), "lpr_day": facts.lpr.day.isoformat()}
        words = f"年利率 {facts.terms.annual_rate_percent:f}% 低于按 {facts.lpr.day} LPR 计算的下限 {floor:f}%"
        yield Hit(words, hint="请修改利率", facts=told)


def electronic_channel(facts: Facts, numbers: Numbers) -> Iterator[Hit]:
    """个人贷款管理办法 art. 26: above the limit somebody must also have signed in person.

    The smallest of the product's, the service's and the institution's own limit counts.
    """
    if facts.loan is None or facts.terms is None or facts.in_person_reason:
        return
    limits = (facts.loan.electronic_only_up_to, facts.channel_limit, numbers["limit"])
    allowed = min(limit for limit in limits if limit is not None)
    if facts.terms.amount > allowed:
        told = {"amount": str(facts.terms.amount), "limit": str(allowed)}
        yield Hit(
            f"超过 {allowed:,} 元的个人贷款不能只通过电子渠道签订",
            hint="请登记现场面签，或由主管写明理由后放行",
            facts=told,
            size=facts.terms.amount,
        )


def exposure(facts: Facts, numbers: Numbers) -> Iterator[Hit]:
    """This case and the borrower's other open ones together. A case counts once, whoever of it is the same person."""
    limit = numbers["limit"]
    if facts.terms is None or limit is None:
        return
    for subject in facts.in_role(*DEBTORS):
        owed = {
            one.case_id: one.amount
            for one in subject.elsewhere
            if one.same_number and one.is_open and one.role in DEBTORS and one.amount is not None
        }
        total = facts.terms.amount + sum(owed.values(), Decimal(0))
        if owed and total > limit:
            told = {"total": str(total), "limit": str(limit), "cases": str(len(owed) + 1)}
            words = f"连同另外 {len(owed)} 笔未办结业务，借款合计 {total:,} 元，超过 {limit:,} 元"
            yield Hit(words, subject, "请核对总授信后由主管决定", told, total)
