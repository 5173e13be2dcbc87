"""The customer's present screen, derived from party, documents and call; nothing is stored beside them."""

from dataclasses import dataclass
from enum import StrEnum

from signing.domain.case import Case, Document
from signing.domain.document import all_read, signed_by
from signing.domain.party import Party, PartyState
from signing.domain.phase import consents_of, is_sealed, is_stopped


class PhoneStep(StrEnum):
    CODE = "code"
    CONSENT_RECORDING = "consent_recording"
    CONSENT_FACE = "consent_face"
    CONSENT_PERSONAL = "consent_personal"
    CONSENT_CREDIT = "consent_credit"
    PRECHECK = "precheck"
    QUEUE = "queue"
    ID_FRONT = "id_front"
    ID_BACK = "id_back"
    AWAIT_IDENTITY = "await_identity"
    DISCLOSURE = "disclosure"
    READING = "reading"
    SIGNING = "signing"
    AWAIT_SEAL = "await_seal"
    DONE = "done"
    STOPPED = "stopped"
    ENDED = "ended"


CONSENT_STEPS = {
    "recording": PhoneStep.CONSENT_RECORDING,
    "face": PhoneStep.CONSENT_FACE,
    "personal_information": PhoneStep.CONSENT_PERSONAL,
    "credit_inquiry": PhoneStep.CONSENT_CREDIT,
}


@dataclass(frozen=True)
class Place:
    """The screen, and the document it is about where it is about one."""

    step: PhoneStep
    document_id: str | None = None


def place_of(case: Case, party: Party, *, in_call: bool) -> Place:
    """``in_call``: whether a call with this party is live. Without one, what needs the agent waits in the queue."""
    if case.abort_reason or party.state in _GONE:
        return Place(PhoneStep.ENDED)
    if is_stopped(case):
        return Place(PhoneStep.CODE if party.state is PartyState.INVITED else PhoneStep.STOPPED)
    if party.state is PartyState.SIGNED:
        return Place(PhoneStep.DONE if is_sealed(case) else PhoneStep.AWAIT_SEAL)
    if party.state in _ALONE:
        return Place(_alone(party))
    return _in_call(case, party) if in_call else Place(PhoneStep.QUEUE)


_GONE = (PartyState.REFUSED, PartyState.REMOVED)
_ALONE = (PartyState.INVITED, PartyState.ENTERED, PartyState.CONSENTED)


def _alone(party: Party) -> PhoneStep:
    if party.state is PartyState.INVITED:
        return PhoneStep.CODE
    kind = next_consent(party)
    return CONSENT_STEPS[kind] if kind is not None else PhoneStep.PRECHECK


def next_consent(party: Party) -> str | None:
    """The kind that is to be asked next, or None once each was answered."""
    answered = {consent.kind for consent in party.consents}
    return next((kind for kind in consents_of(party) if kind not in answered), None)


def _in_call(case: Case, party: Party) -> Place:
    if party.state is PartyState.READY:
        return Place(_card_step(party))
    if party.state is PartyState.IDENTIFIED:
        return Place(PhoneStep.DISCLOSURE)
    document = current_document(case, party)
    if document is None:
        return Place(PhoneStep.AWAIT_SEAL)
    read = all_read(document, party.reading.get(document.document_id, {}))
    return Place(PhoneStep.SIGNING if read else PhoneStep.READING, document.document_id)


def _card_step(party: Party) -> PhoneStep:
    if party.identity.front is None:
        return PhoneStep.ID_FRONT
    return PhoneStep.ID_BACK if party.identity.back is None else PhoneStep.AWAIT_IDENTITY


def current_document(case: Case, party: Party) -> Document | None:
    """The first document in signing order that this party has still to sign."""
    return next((document for document in documents_of(case, party) if party.party_id not in signed_by(document)), None)


def documents_of(case: Case, party: Party) -> list[Document]:
    """Those this party signs, in signing order."""
    return [document for document in case.documents if party.party_id in document.signer_party_ids]
