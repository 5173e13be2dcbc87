"""A case and its documents."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import is_dataclass

from signing.domain.case import CALL_MODE_TITLES, CallMode, Case, Document, Ending, Terms
from signing.domain.events.base import Body, Happening, label
from signing.domain.masking import mask_account, mask_id_number, mask_name, mask_phone
from signing.domain.particulars import NOTHING_MORE, Particulars
from signing.domain.party import Party
from signing.domain.security import Collateral, Mandate


def case_opened(case: Case) -> Happening:
    return Happening(
        "case.opened",
        {
            "case_no": case.case_no,
            "product_id": case.product_id,
            "product_title": case.product_title,
            **(_terms_body(case.terms) if case.terms else {}),
            "collateral": [_collateral_body(item) for item in case.collateral],
            "mandate": _mandate_body(case.mandate) if case.mandate else None,
            **_particulars_body(case.particulars),
            "parties": [_party_body(party) for party in case.parties],
            "in_person_reason": case.in_person_reason,
        },
    )


def _terms_body(terms: Terms) -> Body:
    return {
        "amount": str(terms.amount),
        "annual_rate_percent": str(terms.annual_rate_percent),
        "term_months": terms.term_months,
        "repayment_method": terms.repayment_method.value,
        "purpose": terms.purpose,
        "account": mask_account(terms.account),
    }


def _collateral_body(item: Collateral) -> Body:
    return {
        "kind": item.kind.value,
        "name": item.name,
        "quantity": item.quantity,
        "marks": item.marks,
        "appraised_value": str(item.appraised_value),
        "subject": item.subject.value if item.subject else "",
        "register_no": item.register_no,
        "certificate_no": item.certificate_no,
        "right_until": item.right_until.isoformat() if item.right_until else "",
        "insurer": item.insurance.insurer if item.insurance else "",
    }


def _mandate_body(mandate: Mandate) -> Body:
    """The term only; matter and scope are in the document, whose digest is chained."""
    return {"valid_from": mandate.valid_from.isoformat(), "valid_until": mandate.valid_until.isoformat()}


def _particulars_body(given: Particulars) -> Body:
    """Nothing where nothing is stated beside the terms. Business and accounts are masked or left to the documents."""
    stated = {key: _plain(value) for key, value in vars(given).items() if value != getattr(NOTHING_MORE, key)}
    return {"particulars": stated} if stated else {}


def _plain(value: object) -> object:
    """As JSON knows it, without floats."""
    if isinstance(value, bool | int | str | None):
        return value
    if is_dataclass(value):
        return {key: mask_account(one) if key == "account" else _plain(one) for key, one in vars(value).items()}
    return str(value)


def _party_body(party: Party) -> Body:
    return {
        "party_id": party.party_id,
        "role": party.role.value,
        "name": mask_name(party.name),
        "id_number": mask_id_number(party.id_number),
        "phone": mask_phone(party.phone),
        "share_percent": None if party.share_percent is None else str(party.share_percent),
    }


def document_frozen(document: Document) -> Happening:
    return Happening(
        "document.frozen",
        {
            "document_id": document.document_id,
            "kind": document.kind,
            "title": document.title,
            "pages": document.pages,
            "template_version": document.template_version,
            "signers": list(document.signer_party_ids),
            "frozen_sha256": document.frozen_sha256,
        },
    )


def call_mode_set(mode: CallMode) -> Happening:
    return Happening("case.call_mode", {"mode": mode.value, "mode_title": CALL_MODE_TITLES[mode]})


def case_ended(ending: Ending, reason: str, papers: Iterable[Document]) -> Happening:
    """``papers``: those that became void by it, each with the digest under which it had last been kept."""
    void = [{"title": document.title, "void_sha256": document.current_sha256} for document in papers]
    return Happening(f"case.{ending}", {"reason": reason, "void": void})


def terms_changed(before: Case, after: Case, reason: str) -> Happening:
    """Papers of the same kind for the same people stand side by side; a new kind has no old digest, and conversely."""
    parties = {party.party_id: party for party in (*before.parties, *after.parties)}
    ids = {party.party_id for party in before.parties}, {party.party_id for party in after.parties}
    return Happening(
        "case.terms_changed",
        {
            "reason": reason,
            "before": _facts_body(before),
            "after": _facts_body(after),
            "added": [label(parties[one]) for one in sorted(ids[1] - ids[0])],
            "removed": [label(parties[one]) for one in sorted(ids[0] - ids[1])],
            "papers": _replaced(before.documents, after.documents),
        },
    )


def _facts_body(case: Case) -> Body:
    return {
        **(_terms_body(case.terms) if case.terms else {}),
        "collateral": [_collateral_body(item) for item in case.collateral],
        "mandate": _mandate_body(case.mandate) if case.mandate else None,
        **_particulars_body(case.particulars),
        "parties": [_party_body(party) for party in case.parties],
        "in_person_reason": case.in_person_reason,
    }


def _replaced(before: Sequence[Document], after: Sequence[Document]) -> list[Body]:
    kinds = ([one.kind for one in before], [one.kind for one in after])
    many = {kind for side in kinds for kind in side if side.count(kind) > 1}
    old = {_which(one, many): one for one in before}
    new = {_which(one, many): one for one in after}
    return [
        {
            "title": (new.get(key) or old[key]).title,
            "old_sha256": old[key].frozen_sha256 if key in old else None,
            "new_sha256": new[key].frozen_sha256 if key in new else None,
        }
        for key in dict.fromkeys((*old, *new))
    ]


def _which(paper: Document, many: Collection[str]) -> tuple[str, ...]:
    """By its signers only where there are several of the kind: who signs may change, and it is the same paper."""
    return (paper.kind, *paper.signer_party_ids) if paper.kind in many else (paper.kind,)


def document_voided(document: Document) -> Happening:
    body: Body = {"document_id": document.document_id, "kind": document.kind, "title": document.title}
    return Happening("document.voided", {**body, "frozen_sha256": document.frozen_sha256})
