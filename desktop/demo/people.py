"""Who the demonstration's cases are about, and one case of each product. All of it is fictitious."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from desktop.demo.products import example
from desktop.demo.service import DemoError
from desktop.model.wording import BEIJING
from signing.wire.case import Role
from signing.wire.staff import NewCase, NewCollateral, NewInsurance, NewMandate, NewParty

TODAY = datetime.now(BEIJING).date()
_VILLAGE = "福建省龙岩市上杭县临城镇富古村"
BORROWER = NewParty(
    role=Role.BORROWER,
    name="王秀兰",
    id_number="11010519491231002X",
    phone="13800138000",
    address=f"{_VILLAGE}12号",
)
OTHERS = (
    ("丁大山", "35082319510614301X", "13800138001"),
    ("王大田", "350823198209174138", "13800138002"),
    ("丁秀兰", "350823197803053027", "13800138003"),
    ("田大山", "350823197408115152", "13800138004"),
    ("田秀兰", "350823196904306164", "13800138005"),
    ("丁大田", "350823199007127178", "13800138006"),
    ("王大山", "350823198502213140", "13800138007"),
)
"""(name, ID number, phone) of those who sign beside the first."""

G, C = Role.GUARANTOR, Role.CO_BORROWER
CASTS: dict[str, Sequence[Sequence[Role]]] = {
    "village_credit_line": [[Role.BORROWER, *[C] * more] for more in range(4)],
    "multi_guarantor_loan": [[Role.BORROWER, G, G], *([Role.BORROWER, C, *[G] * more] for more in range(2, 6))],
    "cattle_mortgage_loan": [[Role.BORROWER], [Role.BORROWER, Role.MORTGAGOR], [Role.BORROWER, C, Role.MORTGAGOR]],
    "rosewood_pledge_loan": [[Role.BORROWER, Role.CUSTODIAN], [Role.BORROWER, Role.PLEDGOR, Role.CUSTODIAN]],
    "power_of_attorney": [[Role.PRINCIPAL, Role.ATTORNEY]],
}
"""Who signs, for each number of parties that a product can have here."""

_CATTLE = NewCollateral(
    kind="mortgage",
    name="肉牛",
    quantity="24 头",
    marks="耳标 SH0001 至 SH0024",
    condition="健康，已免疫",
    place=f"{_VILLAGE}养殖场",
    appraised_value="360000.00",
    insurance=NewInsurance(
        insurer="示范财产保险股份有限公司", policy_no="YZ2026000001", sum_insured="360000.00",
        valid_until=TODAY + timedelta(days=730),
    ),
)  # fmt: skip
_ROSEWOOD = NewCollateral(
    kind="pledge",
    name="大红酸枝原木",
    quantity="8 根",
    marks="编号 HM-01 至 HM-08",
    condition="干燥，无开裂",
    place="上杭县红木监管仓 3 号库",
    appraised_value="360000.00",
)
_COLLATERAL = {"cattle_mortgage_loan": [_CATTLE], "rosewood_pledge_loan": [_ROSEWOOD]}


def parties(product: str, count: int) -> list[NewParty]:
    """``count`` people with the roles that the product needs; raises ``DemoError`` where it cannot have so many."""
    casts = {len(cast): cast for cast in CASTS[product]}
    if count not in casts:
        known = "、".join(map(str, sorted(casts)))
        raise DemoError(f"演示的产品 {product} 可以有 {known} 位当事人，请改 --parties")
    first, *others = casts[count]
    return [BORROWER.model_copy(update={"role": first}), *map(_other, others, OTHERS)]


def _other(role: Role, who: tuple[str, str, str]) -> NewParty:
    name, number, phone = who
    return NewParty(role=role, name=name, id_number=number, phone=phone, address=f"{_VILLAGE}{phone[-2:]}号")


MANY = 4
"""From so many on, the product is one with guarantors: they would be too many co-borrowers."""


def usual_product(count: int | None) -> str:
    """Where none is named: one borrower's credit line, or with many a borrower, their spouse and guarantors."""
    return "multi_guarantor_loan" if count is not None and count >= MANY else "village_credit_line"


def least(product: str) -> int:
    """How many must sign at least."""
    return min(map(len, CASTS[product])) if product in CASTS else len(example(product).parties)


def demonstration_case(product: str, count: int) -> NewCase:
    """Raises ``DemoError``."""
    if product not in CASTS:
        return example(product, count)
    people = parties(product, count)
    if product == "power_of_attorney":
        return NewCase(product_id=product, parties=people, mandate=_mandate())
    return NewCase(
        product_id=product,
        amount="180000.00",
        annual_rate_percent="3.85",
        term_months=12,
        repayment_method="interest_first",
        purpose="购买茶苗与肥料",
        parties=people,
        account="6217000000000000000",
        collateral=_COLLATERAL.get(product, []),
    )


def _mandate() -> NewMandate:
    return NewMandate(
        matter="办理信用村授信贷款的申请、签约和支取",
        scope="代为提交资料、签署借款合同和借据、办理放款；不得转委托他人",
        valid_from=TODAY,
        valid_until=TODAY + timedelta(days=180),
    )
