"""What one party of a case still has to do, and the lines and papers that are theirs. Pure."""

from desktop.model import script
from signing.wire.case import CaseView, DocumentState, DocumentView, PartyState, PartyView, ScriptLineView, StepKey

OF_THE_CASE = (StepKey.PROOF, StepKey.SEALING)
"""Steps that the case as a whole takes; the others each party takes for themself."""

_STEPS = {
    PartyState.INVITED: StepKey.IDENTITY,
    PartyState.ENTERED: StepKey.IDENTITY,
    PartyState.CONSENTED: StepKey.IDENTITY,
    PartyState.READY: StepKey.IDENTITY,
    PartyState.IDENTIFIED: StepKey.DISCLOSURE,
    PartyState.INFORMED: StepKey.READING,
    PartyState.READ: StepKey.SIGNING,
}


def step(party: PartyView) -> StepKey | None:
    """The step the party is at; None with nothing left to do, or where they refused."""
    return _STEPS.get(party.state)


def lines(case: CaseView, party: PartyView) -> list[ScriptLineView]:
    """The script's lines that are read to this party."""
    return [line for line in case.script if not line.party_ids or party.party_id in line.party_ids]


def line_now(case: CaseView, party: PartyView) -> ScriptLineView | None:
    """The line to be read to this party next; None when all have been answered."""
    return script.current_line(lines(case, party))


def documents(case: CaseView, party: PartyView) -> list[DocumentView]:
    """The papers that this party signs, without those that have been voided."""
    mine = (document for document in case.documents if party.party_id in document.signers)
    return [document for document in mine if document.state is not DocumentState.VOID]


def title(case: CaseView, party: PartyView) -> str:
    """The title of the step the party is at; empty with none left."""
    at = step(party)
    return next((item.title for item in case.steps if item.key is at), "")


def label(party: PartyView) -> str:
    """As 保证人 李*梅."""
    return f"{party.role_title} {party.name_masked}"
