"""Papers and lines follow from product, people and terms."""

from dataclasses import replace
from decimal import Decimal

import pytest

from signing.domain.party import Role
from signing.domain.product import CaseFacts, Condition, DocumentRule, RoleRule, ScriptTemplate, documents_for
from signing.domain.security import SUBJECT_TITLES, SUBJECTS_OF, Collateral, SecurityKind, Subject
from tests.unit.domain.factories import make_product

B, C, G, P = Role.BORROWER, Role.CO_BORROWER, Role.GUARANTOR, Role.PLEDGOR
PRODUCT = replace(
    make_product(),
    roles=(RoleRule(B, 1, 1), RoleRule(C, 0, 1), RoleRule(G, 0, 5), RoleRule(P, 0, 1)),
    documents=(
        DocumentRule("consent", (B, C, G)),
        DocumentRule("guarantee", (G,), Condition(securities=(SecurityKind.GUARANTEE,))),
        DocumentRule("pledge", (P, B), Condition(securities=(SecurityKind.PLEDGE,))),
        DocumentRule("spouse", (C,), Condition(roles=(C,), amount_above=Decimal(100_000))),
        DocumentRule("alone", (B,), Condition(without=(C,), unsecured=True)),
    ),
)
GUARANTEED, PLEDGED = frozenset({SecurityKind.GUARANTEE}), frozenset({SecurityKind.PLEDGE})


@pytest.mark.parametrize(
    ("roles", "securities", "amount", "papers"),
    [
        ((B,), (), "1", {"consent": (B,), "alone": (B,)}),
        ((B, C), (), "100000", {"consent": (B, C)}),
        ((B, C), (), "100000.01", {"consent": (B, C), "spouse": (C,)}),
        ((G, B, G), GUARANTEED, "1", {"consent": (B, G), "guarantee": (G,)}),
        ((B, P), PLEDGED, "1", {"consent": (B,), "pledge": (P, B)}),
        ((B,), PLEDGED, "1", {"consent": (B,), "pledge": (B,)}),
        ((C,), GUARANTEED, None, {"consent": (C,)}),
    ],
)
def test_documents_follow_from_the_facts(
    roles: tuple[Role, ...],
    securities: frozenset[SecurityKind],
    amount: str | None,
    papers: dict[str, tuple[Role, ...]],
) -> None:
    facts = CaseFacts("p", roles, frozenset(securities), Decimal(amount) if amount else None)
    assert {paper.kind: paper.signers for paper in documents_for(PRODUCT, facts)} == papers


def test_lines_are_for_roles_and_facts() -> None:
    facts = CaseFacts("p", (B, G), GUARANTEED, signers=(G,))
    assert ScriptTemplate("x").is_for(B, facts)
    assert not ScriptTemplate("x", roles=(G,)).is_for(B, facts)
    assert ScriptTemplate("x", roles=(G,), when=Condition(products=("p",), signers=(G,), shares=False)).is_for(G, facts)
    assert not ScriptTemplate("x", when=Condition(products=("q",))).is_for(B, facts)
    assert not ScriptTemplate("x", when=Condition(shares=True)).is_for(B, facts)
    assert not ScriptTemplate("x", when=Condition(signers=(B,))).is_for(B, facts)


def test_clauses_are_for_what_is_mortgaged_or_pledged() -> None:
    forest = CaseFacts("p", (B,), subjects=frozenset({Subject.FOREST_RIGHT}))
    assert Condition(subjects=(Subject.REAL_ESTATE, Subject.FOREST_RIGHT)).holds(forest)
    assert not Condition(subjects=(Subject.REAL_ESTATE,)).holds(forest)
    assert not Condition(subjects=(Subject.FOREST_RIGHT,)).holds(CaseFacts("p", (B,)))


def test_every_subject_has_a_title_and_one_kind_of_security() -> None:
    assert set(SUBJECT_TITLES) == set(Subject)
    assert sorted(subject for kind in SUBJECTS_OF.values() for subject in kind) == sorted(Subject)


@pytest.mark.parametrize(
    ("kind", "subject", "what"),
    [
        (SecurityKind.MORTGAGE, None, Subject.LIVESTOCK),
        (SecurityKind.PLEDGE, None, Subject.MOVABLES),
        (SecurityKind.PLEDGE, Subject.PATENT_RIGHT, Subject.PATENT_RIGHT),
    ],
)
def test_what_an_older_case_has_is_known(kind: SecurityKind, subject: Subject | None, what: Subject) -> None:
    assert Collateral(kind, "物", "一批", "一号", "完好", "库", Decimal(1), subject=subject).what is what
