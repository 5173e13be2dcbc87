"""Rules about the loan: roster and line, the electronic channel, what the borrower owes already."""

from collections.abc import Iterator
from decimal import Decimal

from signing.domain.party import Role
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


def lpr_cap(facts: Facts, _: Numbers) -> Iterator[Hit]:
    """A rate bound to the loan prime rate (PBC 公告〔2019〕15 号) of the loan's term."""
    points = facts.loan.lpr_points_max if facts.loan else None
    if points is None or facts.terms is None:
        return
    if facts.lpr is None:
        yield Hit("没有可用的 LPR，不能核对利率上限", hint="请先导入贷款市场报价利率")
        return
    cap = facts.lpr.for_months(facts.terms.term_months) + points / 100
    if facts.terms.annual_rate_percent > cap:
        told = {"rate": str(facts.terms.annual_rate_percent), "cap": str(cap), "lpr_day": facts.lpr.day.isoformat()}
        words = f"年利率 {facts.terms.annual_rate_percent:f}% 超过按 {facts.lpr.day} LPR 计算的上限 {cap:f}%"
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
