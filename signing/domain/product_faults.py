"""What is wrong with a product's own data: found when the catalogue is loaded, before anybody is lent money by it."""

from collections.abc import Iterator

from signing.domain.particulars import GUARANTEE_TITLES
from signing.domain.party import ROLE_TITLES, Role
from signing.domain.product import CollateralRules, LoanRules, Pricing, Product, Retention
from signing.domain.rules import RATE_CEILING
from signing.domain.schedule import LONGEST_MONTHS
from signing.domain.security import SECURITY_TITLES, SUBJECT_TITLES, SUBJECTS_OF, SecurityKind

OWNERS = {SecurityKind.MORTGAGE: Role.MORTGAGOR, SecurityKind.PLEDGE: Role.PLEDGOR}
"""Who gives a security that is not the borrower's own."""


def check_product(product: Product) -> list[str]:
    """Each fault as ``key：rule`` in Chinese, indexes from 0; empty where the product is sound."""
    return [
        *(_loan_faults(product.loan) if product.loan else ()),
        *_role_faults(product),
        *_document_faults(product),
        *([] if product.script else ["script：没有告知话术"]),
        *_kind_faults(product),
        *_collateral_faults(product),
        *_number_faults(product),
    ]


def _loan_faults(loan: LoanRules) -> Iterator[str]:
    if not (loan.amount_min > 0 and (loan.amount_max is None or loan.amount_min <= loan.amount_max)):
        yield "loan.amount_min：金额上下限不成立"
    longest = loan.term_months_max or LONGEST_MONTHS
    if not 0 < loan.term_months_min <= longest <= LONGEST_MONTHS:
        yield "loan.term_months_min：期限上下限不成立"
    if not (loan.rate_min or 0) <= (100 if loan.rate_max is None else loan.rate_max) <= 100:
        yield "loan.rate_min：利率上下限不成立"
    if (loan.rate_max or 0) > RATE_CEILING:
        yield f"loan.rate_max：不能超过 {RATE_CEILING}（法发〔2017〕22 号第二条）"
    if not loan.repayment_methods:
        yield "loan.repayment_methods：没有还款方式"
    if loan.revolving_months_max is not None and loan.revolving_months_max < 1:
        yield "loan.revolving_months_max：须至少为 1"
    for index, limit in enumerate(loan.industries):
        if limit.amount_max < loan.amount_min:
            yield f"loan.industries[{index}].amount_max：低于 amount_min"
    for index, pricing in enumerate(loan.pricing):
        yield from _pricing_faults(index, pricing)
    priced = [kind for pricing in loan.pricing for kind in pricing.lenders]
    if len(set(priced)) != len(priced) or (len(loan.pricing) > 1 and not all(one.lenders for one in loan.pricing)):
        yield "loan.pricing：同一类贷款人有两种定价"


def _pricing_faults(index: int, pricing: Pricing) -> Iterator[str]:
    low, high = pricing.points_min, pricing.points_max
    if low is None and high is None:
        yield f"loan.pricing[{index}]：points_min 和 points_max 至少写一项"
    elif low is not None and high is not None and low > high:
        yield f"loan.pricing[{index}].points_min：大于 points_max"


def _role_faults(product: Product) -> Iterator[str]:
    signing = {role for document in product.documents for role in document.signers}
    for index, rule in enumerate(product.roles):
        if not 0 <= rule.min_count <= rule.max_count:
            yield f"roles[{index}]：人数上下限不成立，min 不能大于 max"
        if rule.role not in signing:
            yield f"roles[{index}]：{ROLE_TITLES[rule.role]}没有要签的文件"
    known = [rule.role for rule in product.roles]
    if len(set(known)) != len(known):
        yield "roles：同一角色写了两次"
    if not any(rule.min_count for rule in product.roles):
        yield "roles：没有必备的角色"
    if (Role.GUARANTOR in known) != bool(product.guarantees):
        yield "guarantee：有保证人的须写明保证方式，没有保证人的不能写（民法典第六百八十六条）"


def _document_faults(product: Product) -> Iterator[str]:
    known = {rule.role for rule in product.roles}
    for index, document in enumerate(product.documents):
        for role in document.signers:
            if role not in known:
                yield f"documents[{index}].signers：本产品没有“{ROLE_TITLES[role]}”这一角色"
    for index, line in enumerate(product.script):
        for role in line.roles:
            if role not in known:
                yield f"script[{index}].roles：本产品没有“{ROLE_TITLES[role]}”这一角色"
    for kind in product.guarantees:
        title = GUARANTEE_TITLES[kind]
        read = [line for line in product.script if Role.GUARANTOR in line.roles]
        if not any(title in line.text and line.when.guarantee in (None, kind) for line in read):
            yield f"script：没有一条话术向保证人说明“{title}”"


def _kind_faults(product: Product) -> Iterator[str]:
    """A product is one thing: a loan, a mandate, an insurance or an authorisation."""
    if sum(part is not None for part in (product.loan, product.mandate, product.cover, product.inquiry)) != 1:
        yield "loan：loan（借款）、mandate（委托）、cover（保险）、inquiry（征信授权）须有且仅有一项"
    wanted = Retention.INSURANCE if product.cover else Retention.LOAN if product.loan else Retention.AUTHORISATION
    if product.retention is not wanted:
        yield f"retention：与产品的种类不符，应为 {wanted}"
    if product.loan is None and (product.collateral or product.modes or product.borrower_kinds):
        yield "collateral：不是借款的产品不能有担保财产、合作模式和借款主体"


def _collateral_faults(product: Product) -> Iterator[str]:
    for index, rule in enumerate(product.collateral):
        yield from _one_collateral(f"collateral[{index}]", rule, product)


def _one_collateral(key: str, rule: CollateralRules, product: Product) -> Iterator[str]:
    if rule.ratio_max is not None and not 0 < rule.ratio_max <= 100:
        yield f"{key}.ratio_max：须大于 0、不超过 100"
    for subject in rule.subjects:
        if subject not in SUBJECTS_OF[rule.kind]:
            yield f"{key}.subjects：{SUBJECT_TITLES[subject]}不能{SECURITY_TITLES[rule.kind]}"
    if strange := set(rule.modes) - set(product.modes):
        yield f"{key}.modes：本产品没有 {'、'.join(sorted(strange))} 模式"


def _number_faults(product: Product) -> Iterator[str]:
    numbers = {
        "valid_days": product.valid_days,
        "mandate.days_max": product.mandate.days_max if product.mandate else None,
        "cover.days_max": product.cover.days_max if product.cover else None,
        "inquiry.days_max": product.inquiry.days_max if product.inquiry else None,
    }
    yield from (f"{key}：须至少为 1" for key, number in numbers.items() if number is not None and number < 1)
