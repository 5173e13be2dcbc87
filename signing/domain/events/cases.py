"""A case and its documents."""

from signing.domain.case import CALL_MODE_TITLES, CallMode, Case, Document, Terms
from signing.domain.events.base import Body, Happening
from signing.domain.masking import mask_account, mask_id_number, mask_name, mask_phone
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
        "insurer": item.insurance.insurer if item.insurance else "",
    }


def _mandate_body(mandate: Mandate) -> Body:
    """The term only; matter and scope are in the document, whose digest is chained."""
    return {"valid_from": mandate.valid_from.isoformat(), "valid_until": mandate.valid_until.isoformat()}


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


def case_aborted(reason: str) -> Happening:
    return Happening("case.aborted", {"reason": reason})
