"""A case of any product as the JSON that opens it, worked out from the product's own data. All of it is fictitious."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum

from signing.adapters import demo_data, reference_file
from signing.domain.case import RepaymentMethod
from signing.domain.errors import InputError
from signing.domain.particulars import NOTHING_MORE
from signing.domain.party import ROLE_TITLES, Role
from signing.domain.product import Product
from signing.domain.product_faults import OWNERS
from signing.domain.reference import lpr_on
from signing.domain.sample import Sample, Wanted, sample
from signing.domain.security import SECURITY_TITLES, SUBJECT_TITLES, SecurityKind, Subject

MOST = 8
"""Parties of a case."""
_ADDED = (Role.CO_BORROWER, Role.GUARANTOR, Role.MORTGAGOR, Role.PLEDGOR)
"""Who may come along beside those who must."""


def example(product: Product, day: date, count: int | None = None, securities: Sequence[str] = ()) -> dict[str, object]:
    """As ``pingqian case open`` reads it, with ``count`` parties and with ``securities`` beside what the product needs.

    Raises ``InputError`` where the product has not so many, or none of these securities.

    Where the LPR of ``day`` is not published yet, the newest one that is.
    """
    quotes = reference_file.published()
    wanted = Wanted(day, lpr=lpr_on(day, quotes) or quotes[-1], method=RepaymentMethod.INTEREST_FIRST)
    wanted = replace(wanted, securities=_securities(product, securities))
    made = sample(product, wanted)
    roles = _roles(product, made, count)
    body: dict[str, object] = {"product_id": product.product_id}
    if made.terms:
        terms = _plain(made.terms)
        assert isinstance(terms, dict)
        body |= {name: value for name, value in terms.items() if name != "interest"}
    body["parties"] = [_party(number, role) for number, role in enumerate(roles)]
    if made.collateral:
        body["collateral"] = [_plain(item) for item in made.collateral]
    if made.mandate:
        body["mandate"] = _plain(made.mandate)
    if made.particulars != NOTHING_MORE:
        body["particulars"] = _plain(made.particulars)
    return body


def _securities(product: Product, named: Sequence[str]) -> tuple[SecurityKind | Subject, ...]:
    """By their names in the product's file: kinds, and things that are mortgaged or pledged."""
    known: dict[str, SecurityKind | Subject] = {}
    if product.guarantees:
        known["guarantee"] = SecurityKind.GUARANTEE
    for rule in product.collateral:
        known[rule.kind.value] = rule.kind
        known |= {subject.value: subject for subject in rule.subjects}
    if strange := [name for name in named if name not in known]:
        allowed = "、".join(f"{name}（{_title(one)}）" for name, one in known.items()) or "本产品没有担保"
        raise InputError(f"{product.title}没有 {'、'.join(strange)} 这种担保", f"可以写：{allowed}")
    return tuple(known[name] for name in named)


def _title(one: SecurityKind | Subject) -> str:
    return SECURITY_TITLES[one] if isinstance(one, SecurityKind) else SUBJECT_TITLES[one]


def _roles(product: Product, made: Sample, count: int | None) -> list[Role]:
    roles = list(made.roles)
    given = {OWNERS[item.kind] for item in made.collateral}
    for role in _ADDED:
        if role in OWNERS.values() and role not in given:
            continue
        while len(roles) < min(count or 0, MOST) and roles.count(role) < product.count(role)[1]:
            roles.append(role)
    if count is not None and len(roles) != count:
        named = "、".join(f"{ROLE_TITLES[rule.role]} {rule.min_count}–{rule.max_count} 名" for rule in product.roles)
        raise InputError(f"{product.title}不能有 {count} 位当事人（{named}）", f"至少 {len(made.roles)} 位")
    return sorted(roles, key=list(Role).index)


def _party(number: int, role: Role) -> dict[str, str]:
    known = list(demo_data.ROSTER_PEOPLE.items())
    id_number, name = known[number]
    address = f"福建省龙岩市上杭县示范村 {number + 7} 号"
    phone = f"1380013800{number}"
    return {"role": role.value, "name": name, "id_number": id_number, "phone": phone, "address": address}


def _plain(value: object) -> object:
    """What is not stated is left out."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        named: Mapping[str, object] = {one.name: getattr(value, one.name) for one in fields(value)}
        return {name: _plain(one) for name, one in named.items() if one is not None and one != ""}
    return value
