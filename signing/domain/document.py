"""The life of one document: frozen, signed by each of its signers, sealed."""

from dataclasses import replace
from enum import StrEnum

from signing.domain.case import Document, DocumentState, SignatureMade
from signing.domain.machine import Machine


class DocumentEvent(StrEnum):
    SIGNED_BY_ONE = "signed_by_one"
    SIGNED_BY_ALL = "signed_by_all"
    SEALED = "sealed"
    VOIDED = "voided"


_S, _E = DocumentState, DocumentEvent

DOCUMENT = Machine(
    name="document",
    initial=DocumentState.FROZEN,
    table={
        (_S.FROZEN, _E.SIGNED_BY_ONE): _S.FROZEN,
        (_S.FROZEN, _E.SIGNED_BY_ALL): _S.SIGNED,
        (_S.FROZEN, _E.VOIDED): _S.VOID,
        (_S.SIGNED, _E.SEALED): _S.SEALED,
        (_S.SIGNED, _E.VOIDED): _S.VOID,
    },
    titles={_S.FROZEN: "待签署", _S.SIGNED: "已签署", _S.SEALED: "已用印", _S.VOID: "已作废"},
)


def signed_by(document: Document) -> frozenset[str]:
    return frozenset(made.party_id for made in document.signatures)


def sign(document: Document, made: SignatureMade) -> Document:
    """The document with one more signature and revision. Raises ``IllegalEvent``."""
    missing = set(document.signer_party_ids) - signed_by(document) - {made.party_id}
    event = DocumentEvent.SIGNED_BY_ONE if missing else DocumentEvent.SIGNED_BY_ALL
    return replace(
        document,
        state=DOCUMENT.next(document.state, event),
        signatures=(*document.signatures, made),
        revisions=(*document.revisions, made.revision_sha256),
    )


def seal(document: Document, revision_sha256: str) -> Document:
    """The document with the institution's revision. Raises ``IllegalEvent``."""
    state = DOCUMENT.next(document.state, DocumentEvent.SEALED)
    return replace(document, state=state, revisions=(*document.revisions, revision_sha256))


def void(document: Document) -> Document:
    return replace(document, state=DOCUMENT.next(document.state, DocumentEvent.VOIDED))


def all_read(document: Document, pages: dict[int, int]) -> bool:
    """True where every page has been on the screen."""
    return all(pages.get(number, 0) > 0 for number in range(1, document.pages + 1))
