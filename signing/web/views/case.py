"""A case as staff see it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from signing.domain import case as domain
from signing.domain.document import signed_by
from signing.domain.helper import Helper
from signing.domain.lifecycle import expiry_of
from signing.domain.masking import mask_account, mask_id_number, mask_name, mask_phone
from signing.domain.money import in_words
from signing.domain.particulars import told
from signing.domain.party import ROLE_TITLES, DisclosureAnswer, Party
from signing.domain.phase import Step, party_label
from signing.service.links import invitation_text, link_url
from signing.service.snapshots import AuditRow, CaseSnapshot
from signing.web.views.identity import identity_view
from signing.web.views.masked import NOTHING, Masker, masker_of
from signing.web.views.risk import risk_finding
from signing.wire import case as wire
from signing.wire.helper import HelperView
from signing.wire.lifecycle import FoundCase
from signing.wire.staff import Invitation


def yuan(amount: Decimal) -> str:
    """``180000`` → ``180000.00``: a decimal string with two places."""
    return f"{amount:.2f}"


def amount_of(case: domain.Case) -> str:
    """Empty where nothing is lent."""
    return yuan(case.terms.amount) if case.terms else ""


def amount_in_words(case: domain.Case) -> str:
    return in_words(case.terms.amount) if case.terms else ""


def case_view(snapshot: CaseSnapshot) -> wire.CaseView:
    """Names stay in the script, which is read out to their owners, and in nothing else; numbers stand nowhere."""
    case, terms = snapshot.case, snapshot.case.terms
    typed, spoken = masker_of(case), masker_of(case, names=False)
    return wire.CaseView(
        case_id=case.case_id,
        case_no=case.case_no,
        product_id=case.product_id,
        product_title=case.product_title,
        amount=amount_of(case),
        amount_in_words=amount_in_words(case),
        term_months=terms.term_months if terms else None,
        annual_rate_percent=f"{terms.annual_rate_percent.normalize():f}" if terms else "",
        phase=wire.Phase(snapshot.phase),
        abort_reason=typed.text(case.abort_reason),
        expires_at=snapshot.expires_at,
        locked={operation.value: reason for operation, reason in snapshot.locked.items()},
        repayment_method=terms.repayment_method if terms else "",
        purpose=terms.purpose if terms else "",
        particulars=[wire.Stated(title=title, words=typed.text(words)) for title, words in told(case.particulars)],
        account_masked=mask_account(terms.account) if terms else "",
        parties=[party_view(party, typed) for party in case.parties],
        steps=[step_view(step) for step in snapshot.steps],
        documents=[document_view(document, case) for document in case.documents],
        script=[_masked(line, spoken) for line in script_view(case)],
        proof=[wire.ProofItem(key=p.key, title=p.title, ok=p.ok, remedy=p.remedy) for p in snapshot.proof],
        seal_blocked_by=snapshot.seal_blocked_by,
        recordings=[recording_view(recording, typed) for recording in case.recordings],
        package=package_view(case.package),
        call_mode=wire.CallMode(case.call_mode),
        findings=[risk_finding(finding, typed) for finding in case.findings],
        stand_ins=list(snapshot.stand_ins),
    )


def step_view(step: Step) -> wire.StepView:
    key, status = wire.StepKey(step.key), wire.StepStatus(step.status)
    return wire.StepView(key=key, title=step.title, status=status, reason=step.reason)


def party_view(party: Party, typed: Masker = NOTHING) -> wire.PartyView:
    return wire.PartyView(
        party_id=party.party_id,
        role=wire.Role(party.role),
        role_title=ROLE_TITLES[party.role],
        name_masked=mask_name(party.name),
        id_number_masked=mask_id_number(party.id_number),
        phone_masked=mask_phone(party.phone),
        state=wire.PartyState(party.state),
        consents=[
            wire.ConsentView(kind=wire.ConsentKind(consent.kind), granted=consent.granted, at=consent.at)
            for consent in party.consents
        ],
        identity=identity_view(party.identity),
        helper=helper_view(party.helper),
        refusal=typed.text(party.refusal),
        share_percent=None if party.share_percent is None else f"{party.share_percent.normalize():f}",
    )


def helper_view(helper: Helper | None) -> HelperView | None:
    if helper is None:
        return None
    return HelperView(
        name_masked=mask_name(helper.name),
        relation=helper.relation,
        id_number_masked=mask_id_number(helper.id_number),
        phone_masked=mask_phone(helper.phone),
        declared_by="customer" if helper.declared_by == "customer" else "agent",
        aside=helper.aside_at is not None,
        aside_at=helper.aside_at,
    )


def document_view(document: domain.Document, case: domain.Case) -> wire.DocumentView:
    """``pages_read``: the pages that every signer has had on the screen."""
    signers = [party for party in case.parties if party.party_id in document.signer_party_ids]
    seen = [party.reading.get(document.document_id, {}) for party in signers]
    return wire.DocumentView(
        document_id=document.document_id,
        kind=document.kind,
        title=document.title,
        pages=document.pages,
        state=wire.DocumentState(document.state),
        frozen_sha256=document.frozen_sha256,
        current_sha256=document.current_sha256,
        signers=list(document.signer_party_ids),
        signed_by=sorted(signed_by(document)),
        pages_read_by={
            party.party_id: sorted(page for page, shown in pages.items() if shown > 0)
            for party, pages in zip(signers, seen, strict=True)
        },
        on_screen_by={
            party.party_id: party.on_screen[document.document_id]
            for party in signers
            if document.document_id in party.on_screen
        },
        pages_read=[n for n in range(1, document.pages + 1) if seen and all(pages.get(n, 0) > 0 for pages in seen)],
    )


def _masked(line: wire.ScriptLineView, spoken: Masker) -> wire.ScriptLineView:
    own = [one.model_copy(update={"text": spoken.text(one.text)}) for one in line.references]
    return line.model_copy(update={"text": spoken.text(line.text), "references": own})


def script_view(case: domain.Case) -> list[wire.ScriptLineView]:
    """Each line with its last answer, once everyone it is for has given one."""
    return [_line(line, [party for party in case.parties if line.is_for(party.party_id)]) for line in case.script]


def _line(line: domain.ScriptLine, parties: list[Party]) -> wire.ScriptLineView:
    last = {party.party_id: _last_answer(party, line.number) for party in parties}
    given = {party_id: answer for party_id, answer in last.items() if answer is not None}
    shown = list(given.values())[-1] if given and len(given) == len(last) else None
    return wire.ScriptLineView(
        number=line.number,
        text=line.text,
        party_ids=list(line.party_ids),
        expected=wire.Answer(line.expected) if line.expected else None,
        references=[wire.DialectReference(dialect=one.dialect, text=one.text) for one in line.references],
        alone=line.alone,
        answer=wire.Answer(shown.answer) if shown else None,
        answered_at=shown.at if shown else None,
        answers=[
            wire.LineAnswer(party_id=party_id, answer=wire.Answer(one.answer), at=one.at)
            for party_id, one in given.items()
        ],
    )


def _last_answer(party: Party, line: int) -> DisclosureAnswer | None:
    return next((answer for answer in reversed(party.answers) if answer.line == line), None)


def recording_view(recording: domain.Recording, typed: Masker = NOTHING) -> wire.RecordingView:
    return wire.RecordingView(
        recording_id=recording.recording_id,
        call_id=recording.call_id,
        state=wire.RecordingState(recording.state),
        started_at=recording.started_at,
        duration_seconds=recording.duration_seconds,
        sha256=recording.sha256,
        size=recording.size,
        findings=list(recording.findings),
        advice=list(recording.advice),
        lost_reason=typed.text(recording.lost_reason),
    )


def package_view(package: domain.Package | None) -> wire.PackageView | None:
    if package is None:
        return None
    return wire.PackageView(sha256=package.sha256, size=package.size, closed_at=package.closed_at)


def invitations(
    case: domain.Case, capabilities: Mapping[str, str], base_url: str, expires_at: datetime, institution: str = ""
) -> list[Invitation]:
    """``capabilities`` by party_id, of those who get a link; ``institution`` signs the text message."""
    return [
        _invitation(case, party, personal_link(base_url, capabilities[party.party_id]), expires_at, institution)
        for party in case.parties
        if party.party_id in capabilities
    ]


def _invitation(case: domain.Case, party: Party, url: str, expires_at: datetime, institution: str) -> Invitation:
    return Invitation(
        party_id=party.party_id,
        name_masked=mask_name(party.name),
        url=url,
        expires_at=expires_at,
        text=invitation_text(institution, case, party, url, expires_at) if institution else "",
    )


def personal_link(base_url: str, capability: str) -> str:
    return link_url(base_url, capability)


def found_case(row: AuditRow) -> FoundCase:
    case = row.case
    return FoundCase(
        case_id=case.case_id,
        case_no=case.case_no,
        product_title=case.product_title,
        parties=[party_label(party) for party in case.parties],
        phase=wire.Phase(row.phase),
        opened_at=case.opened_at,
        expires_at=expiry_of(case),
    )
