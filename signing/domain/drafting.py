"""What is wrong with a case that is still being typed, as far as it is typed.

The rules are those that the opening itself applies, asked again and again: what breaks one is put in order from a
valid sample of the product, and the rules are asked once more, so that one fault does not hide the next. What is not
typed yet comes from the sample too and is never complained about as wrong, only as missing.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal

from signing.domain import idcard
from signing.domain.case import Terms
from signing.domain.errors import RuleBroken
from signing.domain.particular_rules import check_particulars
from signing.domain.particulars import Particulars
from signing.domain.party import Role
from signing.domain.product import LenderKind, Product
from signing.domain.rules import Person, check_mandate, check_people, check_terms
from signing.domain.sample import Sample
from signing.domain.security import Collateral, Mandate
from signing.domain.security_rules import check_collateral, check_guarantee, settled_subjects

TERMS = ("amount", "annual_rate_percent", "term_months", "repayment_method", "purpose", "account")


@dataclass(frozen=True)
class Place:
    """Where a rule's words belong, what must be typed for it to mean anything, and what it is put in order with."""

    path: str
    needs: tuple[str, ...] = ()
    mends: tuple[str, ...] = ()
    """Paths; empty: ``path`` itself."""


_BRIDGED = ("particulars.bridged", "account", "amount", "purpose")
"""They hang together: put in order only as a whole."""
PLACES: Mapping[str, Place] = {
    "amount": Place("amount"),
    "term": Place("term_months"),
    "rate": Place("annual_rate_percent"),
    "repayment_method": Place("repayment_method"),
    "mandate": Place("mandate"),
    "lender_kind": Place("product_id"),
    "borrower_kind": Place("particulars.borrower_kind", (), ("particulars.borrower_kind", "particulars.business")),
    "business": Place("particulars.business", ("particulars.borrower_kind",)),
    "mode": Place("particulars.cooperation"),
    "mode_partner": Place("particulars.cooperation"),
    "industry": Place("particulars.industry"),
    "industry_amount": Place("amount", ("amount", "particulars.industry")),
    "fiscal_certificate": Place("particulars.certificate"),
    "bridged_loan": Place("particulars.bridged"),
    "bridged_account": Place("account", ("account", "particulars.bridged"), _BRIDGED),
    "bridged_amount": Place("amount", ("amount", "particulars.bridged"), _BRIDGED),
    "bridged_purpose": Place("purpose", ("purpose", "particulars.bridged"), _BRIDGED),
    "revolving_term": Place("particulars.revolving_months", (), ("particulars.revolving_months", "term_months")),
    "first_time": Place("particulars.renewal"),
    "renewal": Place("particulars.renewal"),
    "renewal_without_repayment": Place("particulars.renewal"),
    "cover": Place("particulars.cover"),
    "cover_area": Place("particulars.cover"),
    "cover_sum": Place("particulars.cover"),
    "cover_term": Place("particulars.cover"),
    "inquiry": Place("particulars.inquiry"),
    "inquiry_term": Place("particulars.inquiry"),
    "collateral": Place("collateral"),
    "collateral_subject": Place("collateral"),
    "collateral_ratio": Place("collateral", ("amount", "collateral"), ("collateral", "amount")),
    "insurance": Place("collateral"),
    "insurance_beneficiary": Place("collateral"),
    "register": Place("collateral"),
    "guarantee_kind": Place("particulars.guarantee"),
}
"""A rule that is not here belongs to the case as a whole and ends the questioning of its kind."""


@dataclass(frozen=True)
class Problem:
    """``path`` as in the message that opens a case: ``parties.0.id_number``; empty for the case as a whole.

    ``missing``: nothing is typed there yet.
    """

    path: str
    rule: str
    words: str
    remedy: str = ""
    missing: bool = False


@dataclass(frozen=True)
class Draft:
    """As much of a case as could be read. ``typed``: the paths of what it holds; all else is a stand-in.

    ``terms`` and ``particulars`` hold the sample's values where nothing is typed. ``people`` keeps places: a bare role
    where a person cannot be read yet, None where not even that is chosen.
    """

    terms: Terms | None
    particulars: Particulars
    collateral: tuple[Collateral, ...] = ()
    mandate: Mandate | None = None
    people: tuple[Person | Role | None, ...] = ()
    typed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Against:
    """What a draft is held against. ``lender_name``: for the insurance's beneficiary."""

    product: Product
    spare: Sample
    day: date
    lender: LenderKind
    lender_name: str = ""


def stand_in(product: Product, spare: Sample, typed: Mapping[str, object]) -> Draft:
    """A draft from the values that were typed, by their paths; ``particulars.…`` and the terms by their own names."""
    terms = spare.terms
    if terms is not None:
        terms = replace(terms, **{name: typed[name] for name in TERMS if name in typed})  # type: ignore[arg-type]
    own = {path.removeprefix("particulars."): value for path, value in typed.items() if path.startswith("particulars.")}
    known = {one.name for one in fields(Particulars)}
    collateral: tuple[Collateral, ...] = typed.get("collateral", spare.collateral)  # type: ignore[assignment]
    mandate: Mandate | None = typed.get("mandate", spare.mandate)  # type: ignore[assignment]
    people: tuple[Person | Role | None, ...] = typed.get("parties", ())  # type: ignore[assignment]
    return Draft(
        terms,
        replace(spare.particulars, **{name: value for name, value in own.items() if name in known}),  # type: ignore[arg-type]
        settled_subjects(product, collateral),
        mandate,
        people,
        frozenset(typed),
    )


def problems(draft: Draft, against: Against) -> list[Problem]:
    """All that the rules have to say about it, in the order of the form."""
    product, name = against.product, against.lender_name

    def securities(now: Draft) -> None:
        cooperation = now.particulars.cooperation
        mode = cooperation.mode if cooperation else None
        roles = [one.role if isinstance(one, Person) else one for one in now.people]
        check_collateral(product, now.terms, now.collateral, mode, name, guaranteed=Role.GUARANTOR in roles)

    def guaranteed(now: Draft) -> None:
        """What the guarantors are has to be chosen: the sample's choice is nobody's."""
        stated = now.particulars.guarantee if _is_typed("particulars.guarantee", now.typed) else None
        roles = [one.role if isinstance(one, Person) else one for one in now.people]
        check_guarantee(product, stated or product.guarantee, roles.count(Role.GUARANTOR))

    checks: Sequence[Callable[[Draft], None]] = (
        lambda now: check_terms(product, now.terms),
        lambda now: check_particulars(product, now.terms, now.particulars, against.day, against.lender),
        securities,
        guaranteed,
        lambda now: check_mandate(product, now.mandate),
    )
    found = [problem for check in checks for problem in _peeled(draft, against.spare, check)]
    return [*dict.fromkeys((*found, *_of_people(draft, product)))]


def _peeled(draft: Draft, spare: Sample, check: Callable[[Draft], None]) -> Iterator[Problem]:
    mended: set[str] = set()
    while True:
        try:
            check(draft)
        except RuleBroken as broken:
            place = PLACES.get(broken.rule, Place(""))
            if all(_is_typed(path, draft.typed) for path in place.needs):
                yield _problem(broken, place, draft.typed)
            paths = set(place.mends or (place.path,)) - mended - {"", "product_id"}
            if not paths:
                return
            mended |= paths
            draft = _mended(draft, spare, paths)
        else:
            return


def _problem(broken: RuleBroken, place: Place, typed: Collection[str]) -> Problem:
    missing = place.path not in ("", "product_id") and not _is_typed(place.path, typed)
    return Problem(place.path, broken.rule, broken.message, broken.hint, missing)


def _is_typed(path: str, typed: Collection[str]) -> bool:
    return path in typed or any(one.startswith(f"{path}.") for one in typed)


def _mended(draft: Draft, spare: Sample, paths: Collection[str]) -> Draft:
    for path in paths:
        name = path.removeprefix("particulars.")
        if name != path:
            value = getattr(spare.particulars, name)
            draft = replace(draft, particulars=replace(draft.particulars, **{name: value}))
        elif path in TERMS and draft.terms is not None and spare.terms is not None:
            draft = replace(draft, terms=replace(draft.terms, **{path: getattr(spare.terms, path)}))
        elif path in ("collateral", "mandate"):
            draft = replace(draft, **{path: getattr(spare, path)})
    return draft


# --- people -------------------------------------------------------------------------------------------------------


def _of_people(draft: Draft, product: Product) -> Iterator[Problem]:
    """Each alone, then all together: how many of them, nobody twice, shares that add up."""
    fit: dict[int, Person] = {}
    for index, person in enumerate(draft.people):
        if isinstance(person, Role):
            fit[index] = _somebody(person, index)
        elif person is not None:
            wrong = _broken_by(product, [person], ("id_number",))
            if wrong is not None:
                yield Problem(f"parties.{index}.id_number", wrong.rule, wrong.message, wrong.hint)
            fit[index] = person if wrong is None else _somebody(person.role, index, person.share_percent)
    together = _broken_by(product, list(fit.values()), ("roles", "same_person", "shares"))
    unread = any(isinstance(person, Role) for person in draft.people)
    if together is not None and not (unread and together.rule == "shares"):
        few = together.rule == "roles" and "补充" in together.hint
        yield Problem(_place_together(together.rule, fit), together.rule, together.message, together.hint, few)


def _somebody(role: Role, index: int, share: Decimal | None = None) -> Person:
    """Stands in a place that is taken by somebody who cannot be read yet."""
    body = f"1101051949123{index:04d}"
    return Person(role, "", body + idcard.check_character(body), share)


def _broken_by(product: Product, people: Sequence[Person], rules: Collection[str]) -> RuleBroken | None:
    try:
        check_people(product, people)
    except RuleBroken as broken:
        return broken if broken.rule in rules else None
    return None


def _place_together(rule: str, people: Mapping[int, Person]) -> str:
    """Whoever is there twice, by their second place."""
    seen: set[str] = set()
    for index, person in people.items() if rule == "same_person" else ():
        if person.id_number.upper() in seen:
            return f"parties.{index}.id_number"
        seen.add(person.id_number.upper())
    return "parties"
