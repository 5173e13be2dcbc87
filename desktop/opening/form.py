"""What an agent has typed into a product's form, and the message that it makes. Pure.

A value stands under its path in the message: ``amount``, ``parties.0.id_number``, ``particulars.cover.crop``. What the
form does not ask under the present answers is not in the message, though it stays typed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from desktop.opening import local
from signing.wire.opening import FieldKind, FormField, FormGroup, ProductForm

PEOPLE = "parties"
YES = "yes"
"""How a ticked field stands among the texts."""


@dataclass(frozen=True)
class Typed:
    """``counts``: entries of each list, such as ``parties``."""

    product_id: str
    values: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    def count(self, key: str) -> int:
        return self.counts.get(key, 0)

    def value(self, path: str) -> str:
        return self.values.get(path, "")

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed by hand; what was chosen for want of a choice does not count."""
        return not self.holds("")

    def holds(self, place: str) -> bool:
        """Whether anything was typed by hand under a place, which ends with a dot."""
        return any(
            text.strip()
            for path, text in self.values.items()
            if path.startswith(place) and not path.endswith((".role", ".kind"))
        )


@dataclass(frozen=True)
class Asked:
    """A field in its place. ``at``: where its group's entry stands, without the field's own key."""

    path: str
    at: str
    group: FormGroup
    field: FormField
    entry: int | None = None

    @property
    def title(self) -> str:
        """``第 2 位当事人的手机号``."""
        bare = self.field.title.split("（")[0]
        if self.entry is None:
            return bare
        unit = "位" if self.group.key == PEOPLE else "项"
        return f"第 {self.entry + 1} {unit}{self.group.title}的{bare}"


def groups(form: ProductForm) -> list[FormGroup]:
    """In the order of the form: people after the terms, then what the product asks besides."""
    first = [group for group in form.groups if not group.key]
    return [*first, form.person, *(group for group in form.groups if group.key)]


def at(group: FormGroup, entry: int | None = None) -> str:
    """Where a group's fields stand, with the dot."""
    place = group.key if entry is None else f"{group.key}.{entry}"
    return f"{place}." if place else ""


def fields(form: ProductForm, typed: Typed) -> Iterator[Asked]:
    """All that is asked now."""
    for group in groups(form):
        entries: list[int | None] = [*range(typed.count(group.key))] if group.many else [None]
        for entry in entries:
            for one in group.fields:
                place = at(group, entry)
                if is_asked(one, typed, place):
                    yield Asked(f"{place}{one.key}", place, group, one, entry)


def is_asked(one: FormField, typed: Typed, place: str) -> bool:
    if not one.when_key:
        return True
    path = one.when_key[1:] if one.when_key.startswith("/") else f"{place}{one.when_key}"
    return typed.value(path) in one.when_values


# --- the message ------------------------------------------------------------------------------------------------------


def body(form: ProductForm, typed: Typed) -> dict[str, Any]:
    """A ``NewCase`` as far as it is typed; parts of which nothing is filled in are left out."""
    made: dict[str, Any] = {"product_id": form.product_id}
    for group in groups(form):
        if group.many and typed.count(group.key):
            made[group.key] = [_entry(group, typed, number) for number in range(typed.count(group.key))]
        elif not group.many:
            for one in group.fields:
                if is_asked(one, typed, at(group)):
                    _put(made, f"{at(group)}{one.key}", value_of(one, typed.value(f"{at(group)}{one.key}")))
    return made


def _entry(group: FormGroup, typed: Typed, number: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    place = at(group, number)
    for one in group.fields:
        if is_asked(one, typed, place):
            _put(made, one.key, value_of(one, typed.value(f"{place}{one.key}")))
    return made


def _put(made: dict[str, Any], path: str, value: object) -> None:
    if value is None:
        return
    *places, last = path.split(".")
    for place in places:
        made = made.setdefault(place, {})
    made[last] = value


def value_of(one: FormField, text: str) -> object:
    """As it goes into the message; None where nothing is typed."""
    tidy = local.tidied(one.kind, text)
    if one.kind is FieldKind.FLAG:
        return True if tidy == YES else None
    if not tidy:
        return None
    return int(tidy) if one.kind is FieldKind.INTEGER and tidy.isdecimal() else tidy


# --- what is missing and what is wrong --------------------------------------------------------------------------------


def missing(form: ProductForm, typed: Typed) -> list[Asked]:
    """Fields that must be filled in and are not; of what may be left out only where something of it is typed."""
    return [one for one in fields(form, typed) if _must(form, typed, one) and not typed.value(one.path).strip()]


def _must(form: ProductForm, typed: Typed, one: Asked) -> bool:
    if not one.field.required:
        return False
    part = one.path.rpartition(".")[0]
    inner = "." in one.field.key
    if inner:
        return _touched(typed, f"{part}.")
    return one.group.required or one.entry is not None or _touched(typed, one.at) or bool(one.field.when_key)


def _touched(typed: Typed, place: str) -> bool:
    return any(text.strip() for path, text in typed.values.items() if path.startswith(place))


def wrong(form: ProductForm, typed: Typed) -> dict[str, str]:
    """Path → what can be seen to be wrong without asking anybody."""
    told = {one.path: local.problem(one.field, typed.value(one.path)) for one in fields(form, typed)}
    return {path: words for path, words in told.items() if words}


def title_of(form: ProductForm, typed: Typed, path: str) -> str:
    """What a person calls the place; empty for the case as a whole."""
    found = next((one for one in fields(form, typed) if path in (one.path, one.at.removesuffix("."))), None)
    if found is not None and path == found.path:
        return found.title
    group = next((one for one in groups(form) if one.key and path.startswith(one.key)), None)
    return group.title if group is not None else ""


# --- people and lots come and go --------------------------------------------------------------------------------------


def begun(form: ProductForm) -> Typed:
    """An empty form with as many people and lots as there must be at least."""
    roles = [rule.role.value for rule in form.roles for _ in range(rule.least)]
    lots = [group for group in form.groups if group.many and group.required]
    values = {f"{PEOPLE}.{number}.role": role for number, role in enumerate(roles)}
    made = Typed(form.product_id, values, {PEOPLE: len(roles), **{group.key: 1 for group in lots}})
    for group in groups(form):
        for entry in range(made.count(group.key)) if group.many else (None,):
            made = _settled(group, made, entry)
    return made


def _settled(group: FormGroup, typed: Typed, entry: int | None) -> Typed:
    """What has one answer only is answered."""
    single = {
        f"{at(group, entry)}{one.key}": one.options[0].value
        for one in group.fields
        if one.required and len(one.options) == 1
    }
    return replace(typed, values={**single, **typed.values})


def added(form: ProductForm, typed: Typed, key: str, **values: str) -> Typed:
    number, group = typed.count(key), next(one for one in groups(form) if one.key == key)
    place = at(group, number)
    given = {**typed.values, **{f"{place}{name}": text for name, text in values.items()}}
    return _settled(group, replace(typed, values=given, counts={**typed.counts, key: number + 1}), number)


def removed(typed: Typed, key: str, number: int) -> Typed:
    """Those behind move up."""
    kept: dict[str, str] = {}
    for path, text in typed.values.items():
        found = re.match(rf"{re.escape(key)}\.(\d+)\.(.*)", path)
        place = int(found[1]) if found else -1
        if place != number:
            kept[f"{key}.{place - 1}.{found[2]}" if found and place > number else path] = text
    return replace(typed, values=kept, counts={**typed.counts, key: typed.count(key) - 1})


def put(typed: Typed, path: str, text: str) -> Typed:
    return replace(typed, values={**typed.values, path: text})


def addable(form: ProductForm, typed: Typed) -> list[tuple[str, str]]:
    """(role, title) of those of whom one more may come."""
    present = [typed.value(f"{PEOPLE}.{number}.role") for number in range(typed.count(PEOPLE))]
    return [(rule.role.value, rule.title) for rule in form.roles if present.count(rule.role.value) < rule.most]


def label(typed: Typed) -> str:
    """Whom a draft is about, for its list on this seat."""
    names = [typed.value(f"{PEOPLE}.{number}.name").strip() for number in range(typed.count(PEOPLE))]
    return "、".join(name for name in names if name)
