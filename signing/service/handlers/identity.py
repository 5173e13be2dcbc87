"""Identity: card photographs, snapshot, the national register, and the agent's decision."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from signing.domain import events
from signing.domain.case import Case
from signing.domain.errors import ConflictError, InputError, OutsideError, RuleBroken
from signing.domain.party import (
    CardSide,
    FaceComparison,
    Identity,
    IdentityDecision,
    NationalIdAnswer,
    Party,
    PartyEvent,
    PartyState,
)
from signing.domain.risk.model import Stage
from signing.service import risk
from signing.service.bus import Handler
from signing.service.commands import Command, DecideIdentity, SubmitCard, SubmitSnapshot
from signing.service.handlers.common import customer, in_live_call, save, seat_case, step, with_party
from signing.service.services import Services
from signing.service.store import Unit

BY_EYE = "客户不同意人脸比对，由坐席目视核对"
CLOCKS_MAY_DIFFER = timedelta(seconds=60)
SIDE_WORDS = {"front": "人像面", "back": "国徽面"}


def submit_card(command: SubmitCard, services: Services) -> CardSide:
    """Reads one side. Raises ``InputError``, keeping nothing, where the picture shows no card."""
    if command.side not in SIDE_WORDS:
        raise InputError("请拍摄身份证的人像面或国徽面")
    if len(command.image) > services.limits.image_bytes:
        raise InputError("照片太大", "请直接用本页面拍摄，不要上传压缩包或扫描件")
    now = services.clock.now()
    with services.db.read() as unit:
        case, party = customer(unit, command.actor)
        _require_undecided(party)
        in_live_call(unit, party)
    card = services.identity.read_card(command.image, command.side, party, now)
    if not card.readable:
        words = SIDE_WORDS[command.side]
        reasons = "；".join(card.warnings)
        message = f"照片里没有看清身份证{words}" + (f"：{reasons}" if reasons else "")
        hint = "" if reasons else "请把身份证放平、占满画面，避开反光后重拍"  # the reasons say what to do
        raise InputError(message, hint, code="input.no_card")
    answer = _ask_register(services, party) if command.side == "front" else None
    card = replace(card, image_sha256=services.blobs.put(case.case_id, command.image))
    with services.db.write() as unit:
        case, party = customer(unit, command.actor)
        _require_undecided(party)
        party = replace(party, identity=_with_card(party.identity, card, answer))
        happenings = [events.card_read(party, card)]
        if answer is not None:
            happenings.append(events.national_id_checked(party, answer))
        # The agent sees what the rules make of the card before deciding on it.
        looked = risk.look(unit, services, with_party(case, party), command.actor, Stage.IDENTITY, now)
        save(unit, looked.case, command.actor, now, [*happenings, *looked.happenings])
    return card


def _require_undecided(party: Party) -> None:
    if party.state is not PartyState.READY:
        raise ConflictError("现在不需要拍摄身份证", "请按页面提示继续")


def _ask_register(services: Services, party: Party) -> NationalIdAnswer:
    """Not answering is not a mismatch: it is shown as 未能核验."""
    try:
        return services.national_id.check(party.name, party.id_number)
    except OutsideError as error:
        return NationalIdAnswer(None, f"未能核验：{error.message}", services.national_id.stand_in)


def _with_card(identity: Identity, card: CardSide, answer: NationalIdAnswer | None) -> Identity:
    if card.side == "back":
        return replace(identity, back=card)
    # A comparison with an earlier portrait says nothing about this one.
    return replace(identity, front=card, national_id=answer, face=None)


def submit_snapshot(command: SubmitSnapshot, services: Services) -> FaceComparison:
    """Keeps the picture; compares it with the card only where the customer agreed to that."""
    now = services.clock.now()
    with services.db.read() as unit:
        case, party, call = seat_case(unit, command.actor, command.case_id, command.party_id)
        _require_undecided(party)
    _require_taken_now(command.at, call.started_at, now)
    face = _compare(services, case, party, command)
    face = replace(face, image_sha256=services.blobs.put(case.case_id, command.image))
    with services.db.write() as unit:
        case, party, _ = seat_case(unit, command.actor, command.case_id, command.party_id)
        _require_undecided(party)
        party = replace(party, identity=replace(party.identity, face=face))
        save(unit, with_party(case, party), command.actor, now, [events.face_compared(party, face)])
    return face


def _require_taken_now(at: datetime, call_began: datetime, now: datetime) -> None:
    """The seat says when it took the picture; that must be within this call and not far from our own clock."""
    if at < call_began or abs(at - now) > CLOCKS_MAY_DIFFER:
        raise InputError("抓拍时间不在本次通话之内", "请重新抓拍；若仍不行，请校准坐席电脑的时钟")


def _compare(services: Services, case: Case, party: Party, command: SubmitSnapshot) -> FaceComparison:
    if not agreed_to_face(party):
        digest = hashlib.sha256(command.image).hexdigest()
        return FaceComparison(command.at, digest, faces=0, quality=0.0, advice=BY_EYE)
    front = party.identity.front
    card = None if front is None else services.blobs.get(case.case_id, front.image_sha256)
    return services.identity.compare_face(command.image, card, command.at)


def agreed_to_face(party: Party) -> bool:
    """人脸识别办法 2025: face recognition needs a consent of its own, and there must be another way."""
    return any(consent.kind == "face" and consent.granted for consent in party.consents)


def decide_identity(command: DecideIdentity, services: Services) -> Party:
    """The agent's decision. Raises ``RuleBroken`` identity where doubts are left without a reason."""
    now, reason = services.clock.now(), command.reason.strip()
    if command.accepted:
        risk.gate(command.actor, services, Stage.IDENTITY, partial(_case_to_decide, command))
    with services.db.write() as unit:
        case, party, _ = seat_case(unit, command.actor, command.case_id, command.party_id)
        doubts = doubts_of(party, services.limits.face_distance)
        _require_grounds(party, command.accepted, reason, doubts)
        decision = IdentityDecision(command.accepted, reason, command.actor.name, now)
        event = PartyEvent.IDENTITY_ACCEPTED if command.accepted else PartyEvent.IDENTITY_REJECTED
        party = replace(step(party, event), identity=_decided(party.identity, decision))
        save(unit, with_party(case, party), command.actor, now, [events.identity_decided(party, decision, doubts)])
        return party


def _case_to_decide(command: DecideIdentity, unit: Unit) -> Case:
    case, party, _ = seat_case(unit, command.actor, command.case_id, command.party_id)
    _require_undecided(party)
    return case


def _decided(identity: Identity, decision: IdentityDecision) -> Identity:
    """After a rejection card and face are taken anew, so that a second look is a new look."""
    return replace(identity, decision=decision) if decision.accepted else Identity(decision=decision)


def _require_grounds(party: Party, accepted: bool, reason: str, doubts: list[str]) -> None:
    if not accepted:
        if not reason:
            raise RuleBroken("identity", "不通过时请写明原因", "原因会记入证据链")
        return
    if party.identity.face is None and agreed_to_face(party):
        raise RuleBroken("identity", "还没有抓拍客户面部", "请先点“抓拍”，再作决定")
    if doubts and not reason:
        raise RuleBroken("identity", "存在疑点：" + "；".join(doubts), "请重拍消除疑点，或写明确认身份的理由")


def doubts_of(party: Party, face_distance: float) -> list[str]:
    """What speaks against the identity or was not shown, in Chinese; each needs the agent's reason."""
    identity = party.identity
    return [
        *_card_doubts(identity.front, "人像面"),
        *_card_doubts(identity.back, "国徽面"),
        *_face_doubts(party, face_distance),
        *_register_doubts(identity.national_id),
    ]


def _card_doubts(card: CardSide | None, words: str) -> list[str]:
    if card is None:
        return [f"没有身份证{words}照片"]
    found = {
        "号码校验不通过": card.checksum_ok,
        "姓名与业务不符": card.name_matches,
        "号码与业务不符": card.number_matches,
        "证件已过期或有效期读不出": card.validity_ok,
    }
    relevant = ("证件已过期或有效期读不出",) if card.side == "back" else tuple(found)[:3]
    return [f"{words}：{doubt}" for doubt in relevant if found[doubt] is not True]


def _face_doubts(party: Party, face_distance: float) -> list[str]:
    if not agreed_to_face(party):
        return [BY_EYE]
    face = party.identity.face
    if face is None:
        return ["没有抓拍客户面部"]
    if face.faces != 1:
        return [f"抓拍画面里有 {face.faces} 张人脸"]
    if face.distance is None:
        return ["未能与证件照比对"]
    return ["人脸与证件照差异较大"] if face.distance > face_distance else []


def _register_doubts(answer: NationalIdAnswer | None) -> list[str]:
    if answer is None or answer.matches is True:
        return []
    return [answer.message]


HANDLERS: dict[type[Command], Handler] = {
    SubmitCard: submit_card,
    SubmitSnapshot: submit_snapshot,
    DecideIdentity: decide_identity,
}
