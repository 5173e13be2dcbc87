"""A draft of a case, read as far as it can be read: what is right goes to the rules, what is not is told in place.

Every part is read by the very message that opens a case, so that a draft and a case are never held to two measures.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from signing.domain.case import RepaymentMethod
from signing.domain.errors import InputError
from signing.domain.party import Role
from signing.service.opening import Typed
from signing.web.routes.cases import collateral_of, drafts, mandate_of
from signing.web.routes.particulars import particulars_of
from signing.web.wording import problem_in_words
from signing.wire.particulars import NewParticulars
from signing.wire.staff import NewCase, NewCollateral, NewParty

_NUMBERS = ("amount", "annual_rate_percent")
_LISTS = ("parties", "collateral")


@dataclass(frozen=True)
class Misread:
    """``words``: what is wrong, to be read after the field's name. ``empty``: nothing is typed there."""

    path: str
    words: str
    empty: bool


@dataclass(frozen=True)
class Read:
    typed: Typed
    misread: Sequence[Misread]


def read_draft(draft: Mapping[str, Any]) -> Read:
    """Raises ``InputError`` where it names no product."""
    product_id = draft.get("product_id")
    if not isinstance(product_id, str) or not product_id:
        raise InputError("草稿里没有产品", "请先选择产品")
    wrong: list[Misread] = []
    values: dict[str, object] = {}
    for name in _names(draft, wrong):
        if name == "particulars":
            values |= _particulars(draft[name], wrong)
        elif name not in _LISTS and name != "product_id":
            values |= _own(name, draft[name], wrong)
    people = [_person(index, one, wrong) for index, one in enumerate(_entries(draft, "parties", wrong))]
    lots = [
        _read(NewCollateral, f"collateral.{index}", one, wrong)
        for index, one in enumerate(_entries(draft, "collateral", wrong))
    ]
    whole = [lot for lot in lots if lot is not None]
    if whole and len(whole) == len(lots):  # half of the securities would be judged as too little
        values["collateral"] = tuple(collateral_of(lot) for lot in whole)
    return Read(Typed(product_id, values, tuple(people)), wrong)


def _names(draft: Mapping[str, Any], wrong: list[Misread]) -> list[str]:
    wrong += [Misread(name, "不是可识别的内容", False) for name in draft if name not in NewCase.model_fields]
    return [name for name in NewCase.model_fields if draft.get(name) is not None]


def _entries(draft: Mapping[str, Any], name: str, wrong: list[Misread]) -> list[Any]:
    found = draft.get(name)
    if found is None:
        return []
    if not isinstance(found, list):
        wrong.append(Misread(name, "格式不正确", False))
        return []
    most = next((one.max_length for one in NewCase.model_fields[name].metadata if hasattr(one, "max_length")), None)
    if most is not None and len(found) > most:
        wrong.append(Misread(name, f"太多，至多 {most} 个", False))
    return found[:most]


def _own(name: str, value: Any, wrong: list[Misread]) -> dict[str, object]:
    found = _read(_typed(NewCase.model_fields[name]), name, value, wrong)
    if found is None:
        return {}
    if name in _NUMBERS:
        return {name: Decimal(found)}
    if name == "repayment_method":
        return {name: RepaymentMethod(found)}
    return {name: mandate_of(found) if name == "mandate" else found}


def _particulars(given: Any, wrong: list[Misread]) -> dict[str, object]:
    """Each by itself, as the case would hold it."""
    if not isinstance(given, Mapping):
        wrong.append(Misread("particulars", "格式不正确", False))
        return {}
    known = NewParticulars.model_fields
    wrong += [Misread(f"particulars.{name}", "不是可识别的内容", False) for name in given if name not in known]
    found: dict[str, Any] = {}
    for name in known:
        if given.get(name) is not None:
            value = _read(_typed(known[name]), f"particulars.{name}", given[name], wrong)
            found |= {} if value is None else {name: value}
    held = particulars_of(NewParticulars.model_construct(**found))
    return {f"particulars.{name}": getattr(held, name) for name in found}


def _person(index: int, given: Any, wrong: list[Misread]) -> Any:
    party = _read(NewParty, f"parties.{index}", given, wrong)
    if party is not None:
        return drafts([party])[0]
    role = given.get("role") if isinstance(given, Mapping) else None
    return next((one for one in Role if one.value == role), None)


def _typed(info: FieldInfo) -> Any:
    return Annotated[info.annotation, info]


def _read(kind: Any, path: str, value: Any, wrong: list[Misread]) -> Any:
    """None, and why, where it cannot be read."""
    try:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind.model_validate(value)
        return TypeAdapter(kind).validate_python(value, strict=None)
    except ValidationError as error:
        wrong += _in_words(path, error)
        return None


def _in_words(path: str, error: ValidationError) -> Iterator[Misread]:
    for problem in error.errors(include_url=False):
        location = [path, *(str(part) for part in problem["loc"])]
        empty = problem["type"] == "missing" or problem["input"] == ""
        yield Misread(".".join(location), problem_in_words(problem["type"], problem.get("ctx", {})), empty)
