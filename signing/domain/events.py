"""What is chained: types, bodies and Chinese titles of a case's events.

Bodies hold masked personal data and digests only. ``signing.evidence`` says which keys anchor which file of a package.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from signing.domain.call import Call
from signing.domain.case import Case, Document, Recording, SignatureMade, Terms
from signing.domain.masking import mask_account, mask_id_number, mask_name, mask_phone
from signing.domain.party import (
    ROLE_TITLES,
    CardSide,
    Consent,
    DisclosureAnswer,
    FaceComparison,
    IdentityDecision,
    NationalIdAnswer,
    Party,
)
from signing.domain.phase import CONSENT_TITLES
from signing.domain.security import Collateral, Mandate

Body = dict[str, object]


@dataclass(frozen=True)
class Happening:
    """An event before it is chained."""

    type: str
    body: Body


def _at(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# --- the case and its documents -----------------------------------------------------------------------------------


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


def case_aborted(reason: str) -> Happening:
    return Happening("case.aborted", {"reason": reason})


# --- entry --------------------------------------------------------------------------------------------------------


def party_invited(party: Party, expires_at: datetime) -> Happening:
    return _of(party, "party.invited", phone=mask_phone(party.phone), expires_at=_at(expires_at))


def code_sent(party: Party) -> Happening:
    return _of(party, "party.code_sent", phone=mask_phone(party.phone))


def code_proven(party: Party) -> Happening:
    return _of(party, "party.code_proven", phone=mask_phone(party.phone))


def consent_recorded(party: Party, consent: Consent) -> Happening:
    kind = "party.consent_given" if consent.granted else "party.consent_refused"
    return _of(
        party,
        kind,
        kind=consent.kind,
        kind_title=CONSENT_TITLES[consent.kind],
        text_sha256=consent.text_sha256,
    )


def party_refused(party: Party, reason: str) -> Happening:
    return _of(party, "party.refused", reason=reason)


def precheck_recorded(party: Party, passed: bool, report: Mapping[str, object]) -> Happening:
    return _of(party, "party.precheck_passed" if passed else "party.precheck_failed", report=dict(report))


def _of(party: Party, type_: str, **body: object) -> Happening:
    return Happening(type_, {"party_id": party.party_id, "party": _label(party), **body})


def _label(party: Party) -> str:
    return f"{ROLE_TITLES[party.role]}{mask_name(party.name)}"


# --- queue and call -----------------------------------------------------------------------------------------------


def queue_joined(party: Party, priority: str, returning: bool) -> Happening:
    return _of(party, "queue.rejoined" if returning else "queue.joined", priority=priority)


def queue_left(party: Party) -> Happening:
    return _of(party, "queue.left")


def call_connected(party: Party, call: Call, seat_label: str) -> Happening:
    agent = mask_name(call.agent_name)
    return _of(party, "call.connected", call_id=call.call_id, seat=seat_label, agent=agent)


def call_dropped(party: Party, call: Call) -> Happening:
    return _of(party, "call.dropped", call_id=call.call_id, reason=call.reason)


def call_ended(party: Party, call: Call, missing: list[str]) -> Happening:
    return _of(party, "call.ended", call_id=call.call_id, reason=call.reason, missing=missing)


# --- identity -----------------------------------------------------------------------------------------------------

SIDE_TITLES = {"front": "人像面", "back": "国徽面"}


def card_read(party: Party, card: CardSide) -> Happening:
    return _of(
        party,
        "identity.card_read",
        side=card.side,
        side_title=SIDE_TITLES[card.side],
        captured_at=_at(card.captured_at),
        image_sha256=card.image_sha256,
        readable=card.readable,
        name=mask_name(card.fields.get("name", "")),
        number=mask_id_number(card.fields.get("number", "")),
        valid_until=card.fields.get("valid_until", ""),
        checksum_ok=card.checksum_ok,
        name_matches=card.name_matches,
        number_matches=card.number_matches,
        validity_ok=card.validity_ok,
        warnings=list(card.warnings),
    )


def national_id_checked(party: Party, answer: NationalIdAnswer) -> Happening:
    return _of(party, "identity.national_id", matches=answer.matches, message=answer.message, stand_in=answer.stand_in)


def face_compared(party: Party, face: FaceComparison) -> Happening:
    return _of(
        party,
        "identity.snapshot",
        captured_at=_at(face.captured_at),
        image_sha256=face.image_sha256,
        faces=face.faces,
        quality=face.quality,
        quality_issues=list(face.quality_issues),
        distance=face.distance,
        advice=face.advice,
        warnings=list(face.warnings),
    )


def identity_decided(party: Party, decision: IdentityDecision, doubts: list[str]) -> Happening:
    kind = "identity.accepted" if decision.accepted else "identity.rejected"
    return _of(party, kind, reason=decision.reason, doubts=doubts, by=mask_name(decision.by))


# --- disclosure, reading, signing ---------------------------------------------------------------------------------

ANSWER_TITLES = {"yes": "是", "no": "不是", "repeat": "请再说一遍", "nodded": "点头"}


def line_shown(party: Party, line: int, text: str) -> Happening:
    return _of(party, "disclosure.shown", line=line, text=text)


def line_answered(party: Party, answer: DisclosureAnswer, right: bool) -> Happening:
    words = ANSWER_TITLES[answer.answer]
    return _of(party, "disclosure.answered", line=answer.line, answer=answer.answer, answer_title=words, right=right)


def disclosure_completed(party: Party) -> Happening:
    return _of(party, "disclosure.completed", lines=len({answer.line for answer in party.answers}))


def page_read(party: Party, document: Document, page: int) -> Happening:
    return _of(party, "reading.page_shown", document_id=document.document_id, title=document.title, page=page)


def document_read(party: Party, document: Document, milliseconds: Mapping[int, int]) -> Happening:
    pages = [{"page": number, "milliseconds": spent} for number, spent in sorted(milliseconds.items())]
    return _of(party, "reading.completed", document_id=document.document_id, title=document.title, times=pages)


def document_signed(party: Party, document: Document, made: SignatureMade) -> Happening:
    return _of(
        party,
        "document.signed",
        document_id=document.document_id,
        title=document.title,
        field=made.field,
        signed_at=_at(made.at),
        frozen_sha256=document.frozen_sha256,
        revision_sha256=made.revision_sha256,
        strokes_sha256=made.strokes_sha256,
        certificate_sha256=made.certificate_sha256,
        binding=made.binding,
        key_destroyed_at=_at(made.key_destroyed_at),
    )


def party_signed(party: Party) -> Happening:
    return _of(party, "party.signed")


# --- recording, seal, package -------------------------------------------------------------------------------------


def recording_started(recording: Recording, details: Mapping[str, object]) -> Happening:
    body = {"recording_id": recording.recording_id, "call_id": recording.call_id}
    return Happening("recording.started", {**body, "started_at": _at(recording.started_at), **details})


def recording_finished(recording: Recording) -> Happening:
    return Happening(
        "recording.finished",
        {
            "recording_id": recording.recording_id,
            "call_id": recording.call_id,
            "sha256": recording.sha256,
            "size": recording.size,
            "duration_seconds": recording.duration_seconds,
            "segments": len(recording.segments),
            "chain": recording.segments[-1].chain if recording.segments else None,
            "gaps": [list(gap) for gap in recording.gaps],
        },
    )


def recording_read_back(recording: Recording, details: Mapping[str, object]) -> Happening:
    kind = "recording.damaged" if recording.findings else "recording.verified"
    body: Body = {"recording_id": recording.recording_id, "sha256": recording.sha256}
    return Happening(kind, {**body, "findings": list(recording.findings), **details})


def seal_requested(by: str) -> Happening:
    return Happening("seal.requested", {"by": mask_name(by)})


def document_sealed(document: Document) -> Happening:
    return Happening(
        "document.sealed",
        {"document_id": document.document_id, "title": document.title, "final_sha256": document.current_sha256},
    )


def package_closed(case_no: str, case_sha256: str) -> Happening:
    return Happening("package.closed", {"case_no": case_no, "case_sha256": case_sha256})


# --- titles -------------------------------------------------------------------------------------------------------

TITLES = {
    "case.opened": "建立业务 {case_no}",
    "case.aborted": "终止业务：{reason}",
    "document.frozen": "生成并冻结《{title}》",
    "document.signed": "{party}签署《{title}》",
    "document.sealed": "《{title}》加盖机构印章",
    "party.invited": "邀请{party}",
    "party.code_sent": "向{party}发送验证码",
    "party.code_proven": "{party}通过手机验证",
    "party.consent_given": "{party}同意：{kind_title}",
    "party.consent_refused": "{party}不同意：{kind_title}",
    "party.refused": "{party}拒绝办理",
    "party.precheck_passed": "{party}设备检查通过",
    "party.precheck_failed": "{party}设备检查未通过",
    "party.signed": "{party}签署完毕",
    "queue.joined": "{party}进入排队",
    "queue.rejoined": "{party}断线后回到队首",
    "queue.left": "{party}离开排队",
    "call.connected": "{seat}接通{party}",
    "call.dropped": "与{party}的通话中断",
    "call.ended": "挂断与{party}的通话",
    "identity.card_read": "读取{party}身份证{side_title}",
    "identity.national_id": "居民身份信息核验：{message}",
    "identity.snapshot": "抓拍{party}面部",
    "identity.accepted": "坐席确认{party}身份",
    "identity.rejected": "坐席未通过{party}身份",
    "disclosure.shown": "宣读告知第 {line} 条",
    "disclosure.answered": "{party}回答第 {line} 条：{answer_title}",
    "disclosure.completed": "{party}风险告知完成",
    "reading.page_shown": "{party}看到《{title}》第 {page} 页",
    "reading.completed": "{party}读完《{title}》",
    "recording.started": "开始录像",
    "recording.finished": "录像结束",
    "recording.verified": "录像回读完整",
    "recording.damaged": "录像回读发现损坏",
    "seal.requested": "申请用印",
    "package.closed": "证据包封存",
}


def title_of(type_: str, body: Mapping[str, object]) -> str:
    """What happened, in Chinese, for people; an unknown type is shown as it is."""
    template = TITLES.get(type_, type_)
    return template.format_map(_Gaps(body))


class _Gaps(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""
