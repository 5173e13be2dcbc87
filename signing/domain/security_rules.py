"""Rules about what stands behind a loan: which things, how much of their value, insured for whom, registered where."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from signing.domain.case import Terms
from signing.domain.errors import RuleBroken
from signing.domain.particulars import GUARANTEE_TITLES, GuaranteeKind, Mode, Particulars
from signing.domain.party import Role
from signing.domain.product import CollateralRules, Product
from signing.domain.security import SECURITY_TITLES, SUBJECT_TITLES, Collateral


def check_collateral(
    product: Product,
    terms: Terms | None,
    collateral: Sequence[Collateral],
    mode: Mode | None = None,
    lender: str = "",
    *,
    guaranteed: bool = False,
) -> None:
    """``lender``: its full name, for the insurance's beneficiary. ``guaranteed``: whether somebody stands surety too.

    Raises ``RuleBroken`` collateral, collateral_subject, collateral_ratio, insurance, insurance_beneficiary, register.
    """
    holding = [rule for rule in product.collateral if rule.holds_in(mode)]
    if not holding and collateral:
        raise RuleBroken("collateral", "本产品没有抵押物或者质押物", "请删去担保财产")
    lots = [(item, _rule_of(holding, item)) for item in collateral]
    for rule in holding:
        if rule.required and not any(found is rule for _, found in lots):
            raise RuleBroken("collateral", f"须写明{_title(rule)}财产", f"请补充{_asked(rule)}")
    for item, rule in lots:
        _check_lot(item, rule, lender)
    if terms is not None:
        _check_ratio(terms.amount, _cover(lots, guaranteed=guaranteed))


def _is_of(rule: CollateralRules, item: Collateral) -> bool:
    """A lot that does not say what it is can only be of a rule that knows but one thing."""
    known = len(rule.subjects) <= 1 if item.subject is None else not rule.subjects or item.subject in rule.subjects
    return item.kind is rule.kind and known


def _rule_of(holding: Sequence[CollateralRules], item: Collateral) -> CollateralRules:
    found = next((rule for rule in holding if _is_of(rule, item)), None)
    if found is not None:
        return found
    same = [rule for rule in holding if rule.kind is item.kind]
    if not same:
        kinds = "、".join(dict.fromkeys(SECURITY_TITLES[rule.kind] for rule in holding))
        raise RuleBroken("collateral", f"本产品的担保财产只能用于{kinds}", "请修改担保方式")
    allowed = "、".join(SUBJECT_TITLES[subject] for rule in same for subject in rule.subjects)
    told = f"“{item.name}”不在可以{_title(same[0])}的财产之内"
    raise RuleBroken("collateral_subject", told, f"请写明种类：{allowed}")


def _check_lot(item: Collateral, rule: CollateralRules, lender: str) -> None:
    title = _title(rule)
    if rule.insured and item.insurance is None:
        raise RuleBroken("insurance", f"{title}财产须投保", "请补充保险人、保险单号、保险金额和到期日")
    if rule.insured and item.insurance and item.insurance.beneficiary not in ("", lender):
        told = f"{title}财产的保险第一受益人须是贷款人，现在写的是“{item.insurance.beneficiary}”"
        raise RuleBroken("insurance_beneficiary", told, f"请先办理保险批改，以{lender or '贷款人'}为第一受益人")
    if rule.registered and not item.register_no.strip():
        told = f"“{item.name}”须写明{title}登记编号"
        raise RuleBroken("register", told, f"请先办理{title}登记，再填写登记机构给出的编号")


@dataclass(frozen=True)
class Cover:
    """How much of a loan its things may stand for, in yuan.

    ``capped``: what those with a ratio may, each its part of its appraised value; ``beside``: what the others are
    appraised at; ``guaranteed``: whether a guarantor answers for what is left.
    """

    titles: str
    limits: str
    value: Decimal
    capped: Decimal
    beside: Decimal
    guaranteed: bool

    @property
    def most(self) -> Decimal | None:
        """The largest loan; None where a guarantor answers for whatever the things do not stand for."""
        return None if self.guaranteed else self.capped + self.beside


def cover_of(
    product: Product, collateral: Sequence[Collateral], mode: Mode | None = None, *, guaranteed: bool = False
) -> Cover | None:
    """None where nothing limits what the things stand for. Raises ``RuleBroken`` for a thing the product has not."""
    holding = [rule for rule in product.collateral if rule.holds_in(mode)]
    return _cover([(item, _rule_of(holding, item)) for item in collateral], guaranteed=guaranteed)


def _cover(lots: Sequence[tuple[Collateral, CollateralRules]], *, guaranteed: bool) -> Cover | None:
    """A ratio binds the part of the loan that its own things secure, whatever else stands behind the loan.

    What goes beyond must be secured by something else: by things without a ratio, up to what they are appraised at, or
    by a guarantor. It is never left to credit, for then the ratio would bind nothing.
    """
    with_ratio = [(item, rule, rule.ratio_max) for item, rule in lots if rule.ratio_max is not None]
    if not with_ratio:
        return None
    return Cover(
        titles="、".join(dict.fromkeys(_title(rule) for _, rule, _ in with_ratio)),
        limits="、".join(dict.fromkeys(f"{ratio:f}%" for _, _, ratio in with_ratio)),
        value=sum((item.appraised_value for item, _, _ in with_ratio), Decimal(0)),
        capped=sum((item.appraised_value * ratio / 100 for item, _, ratio in with_ratio), Decimal(0)),
        beside=sum((item.appraised_value for item, rule in lots if rule.ratio_max is None), Decimal(0)),
        guaranteed=guaranteed,
    )


def _check_ratio(amount: Decimal, cover: Cover | None) -> None:
    if cover is None or cover.most is None or amount <= cover.most:
        return
    told = f"金额不得超过{cover.titles}财产评估价值 {cover.value:,} 元的 {cover.limits}"
    if cover.beside:
        told = (
            f"{cover.titles}财产只能担保其评估价值 {cover.value:,} 元的 {cover.limits}，"
            f"其余的借款超过了其他担保财产的评估价值 {cover.beside:,} 元"
        )
    raise RuleBroken("collateral_ratio", told, f"请减少金额，或者增加{cover.titles}财产、其他担保财产或者保证人")


def _title(rule: CollateralRules) -> str:
    return SECURITY_TITLES[rule.kind]


def _asked(rule: CollateralRules) -> str:
    subjects = "、".join(SUBJECT_TITLES[subject] for subject in rule.subjects)
    return f"{_title(rule)}财产{f'（{subjects}）' if subjects else ''}的名称、数量、标识、存放地点和评估价值"


def check_guarantee(product: Product, stated: GuaranteeKind | None, guarantors: int) -> None:
    """Raises ``RuleBroken`` guarantee_kind: what is not stated would be general (民法典 art. 686)."""
    wanted = "或者".join(GUARANTEE_TITLES[kind] for kind in product.guarantees)
    if not wanted and stated is not None:
        raise RuleBroken("guarantee_kind", "本产品没有保证人", "请删去保证方式")
    if stated is not None and stated not in product.guarantees:
        raise RuleBroken("guarantee_kind", f"本产品的保证方式须是{wanted}", f"请改为{wanted}，或换一个产品")
    if guarantors and stated is None and len(product.guarantees) > 1:
        told = "须写明保证方式：没有写明的，依法是一般保证（民法典第六百八十六条）"
        raise RuleBroken("guarantee_kind", told, f"请选择{wanted}")


def settled_guarantee(product: Product, given: Particulars, roles: Sequence[Role]) -> Particulars:
    """With what the guarantors are, where the product knows one kind only."""
    if given.guarantee is None and Role.GUARANTOR in roles:
        return replace(given, guarantee=product.guarantee)
    return given


def settled_subjects(product: Product, collateral: Sequence[Collateral]) -> tuple[Collateral, ...]:
    """Each lot with its subject, where the product knows only one of its kind."""
    known = {
        kind: [subject for rule in product.collateral if rule.kind is kind for subject in rule.subjects]
        for kind in {rule.kind for rule in product.collateral}
    }
    return tuple(
        replace(item, subject=known[item.kind][0])
        if item.subject is None and len(known.get(item.kind, ())) == 1
        else item
        for item in collateral
    )
