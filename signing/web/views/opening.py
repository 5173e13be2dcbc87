"""The form of a product, made from the message that opens a case and from what the product asks for.

No product is named here. A field that the message gains is in the form of those products whose data, or whose loan's,
has something under the same name; ``_WANTED`` holds what follows from other data.
"""

import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from signing.domain.dialect import DIALECT_TITLES
from signing.domain.particulars import (
    BORROWER_TITLES,
    GUARANTEE_TITLES,
    INDUSTRY_TITLES,
    MODE_TITLES,
    PARTNER_TITLES,
    WITH_BUSINESS,
)
from signing.domain.party import ROLE_TITLES, Role
from signing.domain.product import LENDER_TITLES, Product
from signing.domain.product_words import limits
from signing.domain.schedule import METHOD_TITLES
from signing.domain.security import SECURITY_TITLES, SUBJECT_TITLES
from signing.service.opening import OpeningSnapshot
from signing.web.wording import name_of_field
from signing.wire import opening as wire
from signing.wire.case import Role as WireRole
from signing.wire.case import Stated
from signing.wire.opening import FieldKind
from signing.wire.particulars import NewParticulars
from signing.wire.staff import NewCase, NewCollateral, NewMandate, NewParty

_TITLES: Mapping[str, str] = {
    "parties.share_percent": "保证份额（%）",
    "parties.dialect": "办理语言",
    "parties.helper.name": "协助人姓名",
    "parties.helper.relation": "协助人与客户的关系",
    "parties.helper.id_number": "协助人身份证号",
    "parties.helper.phone": "协助人手机号",
    "annual_rate_percent": "年利率（%）",
    "term_months": "期限（月）",
    "collateral.kind": "担保方式",
    "collateral.name": "财产名称",
    "collateral.insurance.valid_until": "保险到期日",
    "particulars.business.name": "经营主体名称",
    "particulars.certificate.number": "证明编号",
    "particulars.renewal.contract_no": "原合同编号",
    "particulars.cooperation.mode": "合作模式",
    "particulars.revolving_months": "循环期限（月）",
    "particulars.bridged.account": "还款账号",
    "particulars.cover.place": "种植地点",
    "particulars.inquiry.purpose": "查询用途",
    "particulars.inquiry.valid_until": "授权到期日",
}
"""Where a field's usual name would be misread."""
_HINTS: Mapping[str, str] = {
    "parties.helper.relation": "没有协助人的，这几项都不填",
    "parties.share_percent": "全部保证人都写或者都不写，合计 100",
    "parties.address": "文书送达的地址",
    "collateral.insurance.beneficiary": "不填即为本机构",
    "purpose": "写明具体用途",
    "account": "借款人本人的银行账号",
}
_OPTIONS: Mapping[str, str] = {
    str(key.value): words
    for titles in (
        METHOD_TITLES, BORROWER_TITLES, MODE_TITLES, INDUSTRY_TITLES, GUARANTEE_TITLES, SUBJECT_TITLES,
        SECURITY_TITLES, DIALECT_TITLES, ROLE_TITLES,
    )
    for key, words in titles.items()
}  # fmt: skip
_KINDS: Mapping[str, FieldKind] = {
    "id_number": FieldKind.ID_NUMBER,
    "phone": FieldKind.PHONE,
    "account": FieldKind.ACCOUNT,
    "credit_code": FieldKind.CREDIT_CODE,
    "annual_rate_percent": FieldKind.RATE,
}
_MONEY = r"^[0-9]{1,12}(\.[0-9]{1,2})?$"
_LONG = 300
"""Characters from which on a field has several lines."""
_TERMS = ("amount", "annual_rate_percent", "term_months", "repayment_method", "purpose", "account")

Values = Callable[[Product], Sequence[StrEnum]]
_CHOICES: Mapping[str, Values] = {
    "repayment_method": lambda product: product.loan.repayment_methods if product.loan else (),
    "particulars.borrower_kind": lambda product: product.borrower_kinds or tuple(BORROWER_TITLES),
    "particulars.industry": lambda product: [one.industry for one in product.loan.industries] if product.loan else (),
    "particulars.cooperation.mode": lambda product: product.modes,
    "particulars.guarantee": lambda product: product.guarantees,
    "collateral.kind": lambda product: list(dict.fromkeys(rule.kind for rule in product.collateral)),
    "collateral.subject": lambda product: [
        subject for subject in SUBJECT_TITLES for rule in product.collateral if subject in rule.subjects
    ],
}
_WANTED: Mapping[str, Callable[[Product], tuple[bool, bool]]] = {
    "borrower_kind": lambda product: (product.loan is not None, bool(product.borrower_kinds)),
    "business": lambda product: (product.loan is not None and _with_business(product), False),
    "industry": lambda product: (bool(product.loan and product.loan.industries), True),
    "first_time": lambda product: (product.loan is not None, False),
    "renewal": lambda product: (product.loan is not None and not product.loan.bridging, False),
    "cooperation": lambda product: (bool(product.modes), True),
    "guarantee": lambda product: (bool(product.guarantees), False),
    "bridged": lambda product: (bool(product.loan and product.loan.bridging), True),
    "revolving_months": lambda product: (bool(product.loan and product.loan.revolving_months_max), True),
}
"""Of each particular: (whether the product asks about it, whether it must be there)."""


def catalogue_view(shown: OpeningSnapshot) -> wire.OpeningCatalogue:
    lpr = shown.lpr
    return wire.OpeningCatalogue(
        institution=shown.institution.name,
        today=shown.today,
        lpr=None
        if lpr is None
        else wire.LprView(
            day=lpr.day,
            one_year=f"{lpr.one_year:f}",
            five_year=f"{lpr.five_year:f}",
            confirmed=lpr.confirmed,
        ),
        products=[product_form(product, shown) for product in shown.products],
        parties_most=_most(NewCase.model_fields["parties"]) or 1,
    )


def product_form(product: Product, shown: OpeningSnapshot) -> wire.ProductForm:
    lender = shown.institution.lender
    allowed = "、".join(LENDER_TITLES[kind] for kind in product.lender_kinds)
    return wire.ProductForm(
        product_id=product.product_id,
        title=product.title,
        version=product.version,
        limits=[Stated(title=title, words=words) for title, words in limits(product, lender, shown.lpr, shown.channel)],
        roles=[
            wire.RoleForm(
                role=WireRole(rule.role.value), title=ROLE_TITLES[rule.role], least=rule.min_count, most=rule.max_count
            )
            for rule in product.roles
        ],
        person=wire.FormGroup(key="parties", title="当事人", fields=_person(product), many=True),
        groups=list(_groups(product)),
        refused="" if lender in product.lender_kinds else f"只由{allowed}办理",
    )


# --- which groups -------------------------------------------------------------------------------------------------


def _groups(product: Product) -> Iterator[wire.FormGroup]:
    plain, grouped = _particulars(product)
    if product.loan is not None:
        fields = [
            one for name in _TERMS for one in _fields_of(product, name, NewCase.model_fields[name], required=True)
        ]
        yield wire.FormGroup(key="", title="借款要素", fields=[*fields, *plain])
    elif plain:
        yield wire.FormGroup(key="", title="业务要素", fields=plain)
    yield from grouped
    if product.collateral:
        fields = [_for_lot(product, one) for one in _model(product, NewCollateral, "collateral")]
        needed = any(rule.required and not rule.modes for rule in product.collateral)
        yield wire.FormGroup(key="collateral", title="担保财产", fields=fields, many=True, required=needed)
    if product.mandate is not None:
        fields = _model(product, NewMandate, "mandate")
        hint = f"委托期限最长 {product.mandate.days_max} 天"
        yield wire.FormGroup(key="mandate", title="委托内容", fields=fields, hint=hint)


def _for_lot(product: Product, field: wire.FormField) -> wire.FormField:
    """What the product asks of every lot is said where it is filled in."""
    if field.key == "insurance.insurer":
        insured = any(rule.insured for rule in product.collateral)
        return field.model_copy(update={"hint": "须投保" if insured else "没有投保的，保险各项都不填"})
    if field.key == "register_no" and any(rule.registered for rule in product.collateral):
        return field.model_copy(update={"hint": "须先办理登记", "required": True})
    return field


def _particulars(product: Product) -> tuple[list[wire.FormField], list[wire.FormGroup]]:
    """Single fields, which stand beside the terms, and those that are a group of their own."""
    plain: list[wire.FormField] = []
    grouped: list[wire.FormGroup] = []
    for name, info in NewParticulars.model_fields.items():
        asked, required = _wanted(product, name)
        path, model = f"particulars.{name}", _model_of(info)
        if not asked:
            continue
        if model is None:
            plain += _fields_of(product, path, info, required=required, key=path)
        else:
            fields = _with_condition(name, _model(product, model, path))
            grouped.append(wire.FormGroup(key=path, title=name_of_field(name), fields=fields, required=required))
    return plain, grouped


def _wanted(product: Product, name: str) -> tuple[bool, bool]:
    if name in _WANTED:
        return _WANTED[name](product)
    own = getattr(product, name, None) or getattr(product.loan, name, None)
    return bool(own), bool(own)


def _with_condition(name: str, fields: list[wire.FormField]) -> list[wire.FormField]:
    if name != "business":
        return fields
    kinds = sorted(kind.value for kind in WITH_BUSINESS)
    given = {"when_key": "/particulars.borrower_kind", "when_values": kinds}
    return [one.model_copy(update=given) for one in fields]


def _with_business(product: Product) -> bool:
    return not product.borrower_kinds or bool(set(product.borrower_kinds) & WITH_BUSINESS)


def _person(product: Product) -> list[wire.FormField]:
    fields = []
    for one in _model(product, NewParty, "parties"):
        if one.key == "share_percent":
            if not any(rule.role is Role.GUARANTOR for rule in product.roles):
                continue
            one = one.model_copy(update={"when_key": "role", "when_values": [Role.GUARANTOR.value]})
        fields.append(one)
    return fields


# --- which fields -------------------------------------------------------------------------------------------------


def _model(product: Product, model: type[BaseModel], path: str, before: str = "") -> list[wire.FormField]:
    """The fields of a message; those of a message within it with its name and a dot before theirs."""
    made: list[wire.FormField] = []
    for name, info in model.model_fields.items():
        inner, place = _model_of(info), f"{path}.{name}"
        if inner is not None:
            made += _model(product, inner, place, f"{before}{name}.")
        else:
            made += _fields_of(product, place, info, required=info.is_required(), key=f"{before}{name}")
    return made


def _fields_of(
    product: Product, path: str, info: FieldInfo, *, required: bool, key: str = ""
) -> Iterator[wire.FormField]:
    name, kind = path.rpartition(".")[2], _bare(info.annotation)
    pattern, longest = _pattern(info), _most(info)
    options = _options(product, path, kind)
    if options is not None and len(options) <= (0 if required else 1):
        return  # nothing to be chosen: what the product has only one of follows from it
    yield wire.FormField(
        key=key or path,
        title=_TITLES.get(path) or name_of_field(name),
        kind=_kind(name, kind, pattern, longest, options),
        required=required and kind is not bool,
        hint=_HINTS.get(path, ""),
        unit="元" if pattern == _MONEY else "",
        longest=longest,
        pattern=pattern,
        options=options or [],
        **_condition(path),
    )


def _condition(path: str) -> dict[str, Any]:
    if path == "particulars.cooperation.partner":
        return {"when_key": "mode", "when_values": [mode.value for mode in PARTNER_TITLES]}
    return {}


def _options(product: Product, path: str, kind: Any) -> list[wire.FieldOption] | None:
    """None where it is no choice."""
    values = [str(one.value) for one in _CHOICES[path](product)] if path in _CHOICES else _values(kind)
    if values is None:
        return None
    return [wire.FieldOption(value=value, title=_OPTIONS.get(value, value)) for value in dict.fromkeys(values)]


def _values(kind: Any) -> list[str] | None:
    if get_origin(kind) is Literal:
        return [str(one) for one in get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return [one.value for one in kind]
    return None


def _kind(
    name: str, kind: Any, pattern: str, longest: int | None, options: Sequence[wire.FieldOption] | None
) -> FieldKind:
    if options is not None:
        return FieldKind.CHOICE
    by_type = {bool: FieldKind.FLAG, int: FieldKind.INTEGER, date: FieldKind.DATE, Decimal: FieldKind.NUMBER}
    if kind in by_type:
        return by_type[kind]
    if name in _KINDS:
        return _KINDS[name]
    if pattern == _MONEY:
        return FieldKind.MONEY
    if pattern.startswith("^[0-9]{1,") and "\\." in pattern:
        return FieldKind.NUMBER
    return FieldKind.LONG if (longest or 0) >= _LONG else FieldKind.TEXT


# --- what a message says of its fields ----------------------------------------------------------------------------


def _bare(annotation: Any) -> Any:
    """Without ``None`` and without what ``Annotated`` adds."""
    while True:
        if get_origin(annotation) in (typing.Union, types.UnionType):
            annotation = next(one for one in get_args(annotation) if one is not types.NoneType)
        elif get_origin(annotation) is typing.Annotated:
            annotation = get_args(annotation)[0]
        else:
            return annotation


def _model_of(info: FieldInfo) -> type[BaseModel] | None:
    kind = _bare(info.annotation)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _metadata(info: FieldInfo) -> Iterator[Any]:
    yield from info.metadata
    stack = [info.annotation]
    while stack:
        one: Any = stack.pop()
        if get_origin(one) is typing.Annotated:
            for extra in get_args(one)[1:]:
                yield from extra.metadata if isinstance(extra, FieldInfo) else [extra]
            stack.append(get_args(one)[0])
        elif get_origin(one) in (typing.Union, types.UnionType):
            stack += get_args(one)


def _pattern(info: FieldInfo) -> str:
    return next((one.pattern for one in _metadata(info) if getattr(one, "pattern", None)), "")


def _most(info: FieldInfo) -> int | None:
    return next((one.max_length for one in _metadata(info) if getattr(one, "max_length", None)), None)
