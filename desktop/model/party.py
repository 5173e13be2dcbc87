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
    """The script's lines that are read to this party, with their own answers."""
    return [_own(line, party) for line in case.script if not line.party_ids or party.party_id in line.party_ids]


def _own(line: ScriptLineView, party: PartyView) -> ScriptLineView:
    mine = next((one for one in line.answers if one.party_id == party.party_id), None)
    own = {"answer": mine.answer if mine else None, "answered_at": mine.at if mine else None}
    return line.model_copy(update=own)


def line_now(case: CaseView, party: PartyView) -> ScriptLineView | None:
    """The line to be read to this party next; None when all have been answered."""
    return script.current_line(lines(case, party))


def documents(case: CaseView, party: PartyView) -> list[DocumentView]:
    """The papers that this party signs, without those that have been voided, with the pages they have read."""
    mine = (one for one in case.documents if party.party_id in one.signers and one.state is not DocumentState.VOID)
    return [one.model_copy(update={"pages_read": one.pages_read_by.get(party.party_id, [])}) for one in mine]


def title(case: CaseView, party: PartyView) -> str:
    """The title of the step the party is at; empty with none left."""
    at = step(party)
    return next((item.title for item in case.steps if item.key is at), "")


def label(party: PartyView) -> str:
    """As 保证人 李*梅."""
    return f"{party.role_title} {party.name_masked}"
