"""Sample cases for a template: one for each of its conditions, with few people and many, with short words and long.

Which clauses a paper has follows from its case; so a template is sound where all its samples are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from signing.adapters.documents.generate import spoken
from signing.adapters.documents.template import Template
from signing.adapters.documents.values import MAXIMUM, SINGLE, Values, contract_values
from signing.domain.case import Case, RepaymentMethod, Terms
from signing.domain.particulars import (
    GUARANTEE_TITLES,
    MODE_TITLES,
    BridgedLoan,
    Business,
    Cooperation,
    CreditInquiry,
    CropCover,
    FiscalCertificate,
    Industry,
    Particulars,
    Renewal,
)
from signing.domain.party import ROLE_TITLES, Party, Role
from signing.domain.product import ALWAYS, Condition, ScriptTemplate
from signing.domain.security import SUBJECT_TITLES, SUBJECTS_OF, Collateral, Insurance, Mandate, SecurityKind, Subject
from signing.service.ports import Institution

AT = datetime(2026, 1, 31, 4, 0, tzinfo=UTC)
INSTITUTION = Institution(
    institution_id="sample",
    name="样本省样本市样本县样本农村信用合作联社",
    seal_name="样本省样本市样本县样本农村信用合作联社",
    address="样本省样本市样本县样本街道样本路1号样本大厦",
    helpline="0000-0000000",
    representative="样本·代表",
    credit_code="91350000MA00000000",
)
NAMES = ("欧阳样本", "𠮷㛃", "阿卜杜拉·买买提·样本", "李䶮", "王样本", "赵样本", "钱样本", "孙样本", "周样本", "吴样本")
SCRIPT = (
    ScriptTemplate("{name}您好，本次视频通话全程录音录像。您是本人、自愿办理吗？", "yes"),
    ScriptTemplate("请您想一想再回答：是不是可以替别人签名？", "no"),
    ScriptTemplate("看不清、听不懂的地方，可以随时让我停下来解释。"),
)
_LOT = {
    SecurityKind.MORTGAGE: "闽（2026）样本县不动产权第0000001号",
    SecurityKind.PLEDGE: "ZL202610000000.1",
}
_OWNERS = {SecurityKind.MORTGAGE: Role.MORTGAGOR, SecurityKind.PLEDGE: Role.PLEDGOR}


@dataclass(frozen=True)
class Sample:
    """A case and the one paper of it that is drawn; ``title`` tells what is particular about it."""

    title: str
    case: Case
    signers: tuple[Party, ...]
    papers: frozenset[str]


def samples(template: Template) -> Iterator[Sample]:
    """At least one in which each condition of the template holds."""
    yield from _of(template, "最少", ALWAYS, many=False)
    yield from _of(template, "最多", ALWAYS, many=True)
    told: list[Condition] = []
    for condition in conditions(template):
        if condition not in told:
            told.append(condition)
            yield from _of(template, _titled(condition), condition, many=bool(len(told) % 2))


def filled(template: Template, sample: Sample) -> Values:
    """What the sample's paper is filled with, and what is read out to the one it is addressed to."""
    terms = contract_values(sample.case, INSTITUTION, sample.signers, AT, template.code, sample.papers)
    lines = spoken(SCRIPT, sample.case, INSTITUTION, AT)
    return replace(terms, lines=[line for line in lines if line.is_for(sample.signers[0].party_id)])


def conditions(template: Template) -> Iterator[Condition]:
    """All that anything in the template hangs on."""
    for part in template.parts:
        for condition in (part.when, *(clause.when for clause in part.clauses)):
            if condition != ALWAYS:
                yield condition


def _titled(condition: Condition) -> str:
    words = [SUBJECT_TITLES[subject] for subject in condition.subjects[:1]]
    words += [ROLE_TITLES[role] for role in (*condition.roles, *condition.signers[:1])]
    words += [*condition.products[:1], *condition.papers[:1], *(kind.value for kind in condition.securities)]
    words += [MODE_TITLES[mode] for mode in condition.modes[:1]] + ["续贷"] * bool(condition.renewal)
    words += [GUARANTEE_TITLES[condition.guarantee]] if condition.guarantee else []
    if condition.lent is not None:
        words.append("借款" if condition.lent else "不借款")
    if condition.co_guarantors is not None:
        words.append("多名保证人" if condition.co_guarantors else "一名保证人")
    if condition.shares is not None:
        words.append("按份额" if condition.shares else "不分份额")
    return "、".join(words) or "其他条件"


def _of(template: Template, title: str, condition: Condition, *, many: bool) -> Iterator[Sample]:
    case = sample_case(template, condition, many=many)
    papers = frozenset(condition.papers[:1] or ([MAXIMUM] if many else [SINGLE])) | {template.template_id}
    wanted = [role for role in template.signers if not condition.signers or role in condition.signers]
    signing = tuple(party for role in wanted for party in case.parties if party.role is role)
    if not template.each_signer:
        yield Sample(title, case, signing, papers)
        return
    first = {party.role: party for party in reversed(signing)}
    chosen = list(first.values()) if condition == ALWAYS and many else list(first.values())[:1]
    yield from (Sample(f"{title}（{ROLE_TITLES[party.role]}）", case, (party,), papers) for party in chosen)


def sample_case(template: Template, condition: Condition, *, many: bool) -> Case:
    kinds = _securities(template, condition)
    case = Case(
        case_id="sample",
        case_no="2026-00001",
        institution_id="sample",
        branch_id="sample",
        product_id=condition.products[0] if condition.products else "sample",
        product_title="样本贷款",
        terms=None if condition.lent is False else _terms(many=many),
        opened_at=AT,
        opened_by="",
        parties=_parties(template, condition, kinds, many=many),
        particulars=_particulars(condition),
        mandate=Mandate("样本事项", "样本权限", AT.date(), AT.date(), may_delegate=many),
    )
    lots = [lot for kind in kinds for lot in _lots(kind, condition, many=many)]
    return replace(case, collateral=tuple(lots))


def _securities(template: Template, condition: Condition) -> list[SecurityKind]:
    """Of things; the guarantee is a matter of people."""
    wanted: list[SecurityKind] = [kind for kind in condition.securities if kind is not SecurityKind.GUARANTEE]
    wanted += [kind for kind, subjects in SUBJECTS_OF.items() if set(condition.subjects) & subjects]
    own = {"mortgage_contract": SecurityKind.MORTGAGE, "pledge_contract": SecurityKind.PLEDGE}
    if not wanted and template.template_id in own:
        wanted = [own[template.template_id]]
    return wanted


def _terms(*, many: bool) -> Terms:
    return Terms(
        amount=Decimal("9876543.21") if many else Decimal(180_000),
        annual_rate_percent=Decimal("3.85"),
        term_months=36 if many else 12,
        repayment_method=RepaymentMethod.EQUAL_INSTALMENT if many else RepaymentMethod.INTEREST_FIRST,
        purpose="购买茶苗、有机肥料，修缮茶园道路、水渠和晾青、做青、烘焙设备" if many else "购买茶苗",
        account="6217000000000000000",
    )


def _particulars(condition: Condition) -> Particulars:
    """Everything that any product asks for; a renewal and a mode only where the condition is about them."""
    return Particulars(
        business=Business("样本家庭农场", "91350000MA00000000"),
        industry=Industry.FARMING,
        first_time=bool(condition.first_time),
        guarantee=condition.guarantee,
        renewal=Renewal("2025-00001-JK") if condition.renewal else None,
        cooperation=Cooperation(condition.modes[0], "样本融资担保有限责任公司") if condition.modes else None,
        certificate=FiscalCertificate("样财证2026001", "样本县财政局", AT.date(), date(2026, 12, 31)),
        bridged=BridgedLoan("样本银行", "2025-00009-JK", "6217000000000000001", Decimal(180_000), date(2026, 2, 28)),
        cover=CropCover(
            "样本财产保险股份有限公司样本分公司",
            "水稻",
            "样本乡样本村第三村民小组",
            Decimal("12.5"),
            Decimal("12500.00"),
            Decimal("375.00"),
            date(2026, 3, 1),
            date(2026, 10, 31),
        ),
        inquiry=CreditInquiry("审核授权人的授信申请", date(2026, 12, 31)),
    )


def _parties(template: Template, condition: Condition, kinds: list[SecurityKind], *, many: bool) -> tuple[Party, ...]:
    roles = [Role.BORROWER, *condition.roles, *condition.signers]
    guaranteed = SecurityKind.GUARANTEE in condition.securities or condition.guarantee is not None
    guaranteed = guaranteed or condition.shares is not None or condition.co_guarantors is not None
    if guaranteed or condition.unsecured is False:
        roles.append(Role.GUARANTOR)
    each = set(template.signers) if many or not set(template.signers) & set(roles) else set()
    owners = {owner for kind, owner in _OWNERS.items() if kind not in kinds}
    roles += [role for role in Role if role in each - owners]
    roles += [_OWNERS[kind] for kind in kinds] if many else []
    roles = [role for role in dict.fromkeys(roles) if role not in condition.without]
    twice = [role for role in roles if many and role is not Role.BORROWER]
    if condition.co_guarantors is not None:
        twice = [role for role in twice if role is not Role.GUARANTOR] + [Role.GUARANTOR] * condition.co_guarantors
    people = sorted([*roles, *twice], key=list(Role).index)
    return tuple(_party(number, role, people, condition, many=many) for number, role in enumerate(people))


def _party(number: int, role: Role, people: list[Role], condition: Condition, *, many: bool) -> Party:
    share = None
    if role is Role.GUARANTOR and condition.shares:
        share = Decimal(100) / people.count(role)
    return Party(
        f"sample_{number}",
        role,
        NAMES[number % len(NAMES)],
        "11010519491231002X",
        "13800000000",
        "样本省样本市样本县样本乡样本村民委员会样本自然村第三村民小组12号附1号" if many else "样本村12号",
        share_percent=share,
    )


def _lots(kind: SecurityKind, condition: Condition, *, many: bool) -> list[Collateral]:
    """One lot with everything that can be said of it, one with no more than must be."""
    fitting = [subject for subject in condition.subjects if subject in SUBJECTS_OF[kind]]
    standard = Subject.LIVESTOCK if kind is SecurityKind.MORTGAGE else Subject.MOVABLES
    subject = fitting[0] if fitting else standard
    worth = Decimal("9000000.00") if many else Decimal("360000.00")
    bare = Collateral(kind, "样本财产", "壹批", "0001", "完好", "样本存放地", worth, subject=subject)
    if not many:
        return [bare]
    insured = Insurance("样本财产保险股份有限公司样本分公司", "PSAMPLE000000001", worth, date(2027, 12, 31))
    whole = replace(
        bare,
        name=f"样本{SUBJECT_TITLES[subject]}",
        marks="、".join(f"样本{number:04d}" for number in range(1, 25)),
        condition="正常使用，已经评估机构现场勘验，评估报告编号样评字〔2026〕第001号",
        insurance=insured,
        register_no="样登字2026第000001号",
        certificate_no=_LOT[kind],
        right_until=date(2055, 12, 31),
    )
    return [whole, bare]
