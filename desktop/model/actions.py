"""Which one button is primary now, and the sentence that says what to do. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from desktop.model import helping, risk, wording
from desktop.model import party as parties
from desktop.model import workspace as w
from signing.wire.call import CallPartyState, Outcome, TransferState
from signing.wire.case import (
    CaseView,
    ConsentKind,
    IdentityView,
    PartyState,
    PartyView,
    Phase,
    ProofItem,
    RecordingState,
    StepKey,
)
from signing.wire.staff import Presence


class Act(StrEnum):
    WAIT = "wait"
    AVAILABLE = "available"
    ADMIT = "admit"
    HOLD = "hold"
    ACCEPT = "accept"
    SNAPSHOT = "snapshot"
    DECIDE = "decide"
    ANSWER = "answer"
    ASIDE = "aside"
    PROOF = "proof"
    HANG_UP = "hang_up"
    SEAL = "seal"
    FINISH = "finish"


@dataclass(frozen=True)
class Next:
    act: Act
    sentence: str


def next_action(state: w.State) -> Next:
    """Derived from the whole state; the order of the questions is the order of importance."""
    view = state.view
    if view is None:
        return Next(Act.WAIT, "正在连接服务")
    if view.offer is not None:
        return Next(Act.ACCEPT, "有客户来电，请接听")
    if view.transfer_offer is not None:
        return Next(Act.ACCEPT, f"{view.transfer_offer.from_seat} 转来一通电话，请接听")
    if view.call is not None:
        return _in_call(state)
    if view.presence is Presence.WRAP_UP:
        return _after_call(state)
    if view.presence in (Presence.OFFLINE, Presence.AWAY):
        return Next(Act.AVAILABLE, "准备好后点“开始接待”，客户会自动接入")
    return Next(Act.WAIT, "等待客户接入。来客时会振铃，按回车接听")


def _in_call(state: w.State) -> Next:
    if state.case is None:
        return Next(Act.HANG_UP, "这笔业务打不开，不能继续办理；请告诉客户改日办理，然后挂断")
    if state.proof_open:
        return Next(Act.HANG_UP, "逐项核对留痕；缺的请当场补做，齐了再挂断")
    transfer = state.call.transfer if state.call else None
    if transfer is not None and transfer_rings(state):
        return Next(Act.WAIT, f"正在转接到{transfer.to_seat}，对方接听前通话仍在您这里，按 T 取消")
    party = state.party
    if party is not None and state.step is not None and not state.inside(party.party_id):
        return _outside(state, party)
    if state.step not in (None, *parties.OF_THE_CASE) and state.line.peer != "connected":
        return Next(Act.WAIT, _connecting(state))
    if waits := risk.waits_for(state.case, state.step):
        return Next(Act.WAIT, waits)
    match state.step:
        case StepKey.IDENTITY:
            return _identity(state)
        case StepKey.DISCLOSURE:
            if muted(state):
                return Next(Act.WAIT, "这位客户已静音，回答不会录音：按 U 取消静音再问")
            if helping.in_the_way(state):
                return Next(Act.ASIDE, "这一条须客户本人单独回答：请协助人离开画面，按 B 确认后再问")
            return Next(Act.ANSWER, "照着话术逐条朗读，按 1-4 记录客户的回答")
        case StepKey.READING:
            return Next(Act.WAIT, "请客户在手机上翻到每份文书最后一页，并陪同答疑")
        case StepKey.SIGNING:
            return Next(Act.WAIT, "请客户在手机上手写签名并确认")
    return _done_here(state)


def _done_here(state: w.State) -> Next:
    """Nothing is left to do with the focused party: who comes next, and once nobody does, the proof."""
    behind = [one for one in state.people if state.inside(one.party_id) and parties.step(one) is not None]
    if behind:
        key = state.people.index(behind[0]) + 1
        return Next(Act.WAIT, f"这位客户的步骤已完成，按 Ctrl+{key} 继续办理{parties.label(behind[0])}")
    missing = [one for one in state.people if parties.step(one) is not None]
    if missing:
        names = "、".join(parties.label(one) for one in missing)
        return Next(Act.PROOF, f"在场的都已办完，{names}还没有办；可以等候，也可以核对后挂断，改日继续")
    return Next(Act.PROOF, "各步骤已完成，挂断前请核对留痕")


def _outside(state: w.State, party: PartyView) -> Next:
    """The focused party is not in the call now."""
    place, who = state.place(party.party_id), parties.label(party)
    match place.state if place else None:
        case CallPartyState.WAITING:
            return Next(Act.ADMIT, f"{who}已在等候，按 A 请入通话")
        case CallPartyState.HELD if state.call is not None and state.call.alone_with is not None:
            return Next(Act.WAIT, f"正在与他人单独谈话，{who}在稍候；谈完按 G，所有人回到通话")
        case CallPartyState.HELD:
            return Next(Act.HOLD, f"{who}正在稍候，按 H 请回通话")
        case CallPartyState.DROPPED:
            return Next(Act.WAIT, f"{who}断线了，重新打开页面后会自动回到通话，已完成的步骤都在")
        case CallPartyState.LEFT:
            return Next(Act.WAIT, f"{who}已离开通话，重新排队后可以再请入")
        case CallPartyState.RINGING | CallPartyState.ELSEWHERE:
            return Next(Act.WAIT, f"{who}正在别的席位办理")
    return Next(Act.WAIT, f"{who}还没有打开链接，可以先办其他当事人")


def muted(state: w.State) -> bool:
    """Whether nobody hears the focused party."""
    place = state.place(state.party.party_id) if state.party else None
    return place is not None and place.muted


def _connecting(state: w.State) -> str:
    if state.line.peer in ("disconnected", "failed", "closed"):
        return "客户的画面断开了，正在等待其重新接入，已完成的步骤都在"
    place = state.place(state.party.party_id) if state.party else None
    if place is not None and not place.online:
        return "客户的手机暂时不在线，等待其重新打开页面"
    return "正在接通客户的画面和声音"


def _identity(state: w.State) -> Next:
    party = state.party
    identity = party.identity if party else IdentityView()
    if identity.front is None:
        return Next(Act.WAIT, "请客户拍摄身份证人像面")
    if identity.back is None:
        return Next(Act.WAIT, "请客户拍摄身份证国徽面")
    if party is not None and not agreed_to_face(party):
        return Next(Act.DECIDE, "客户没有同意人脸识别，请人工比对证件与本人")
    if identity.face is None:
        return Next(Act.SNAPSHOT, "请客户正对镜头，按 S 拍一张人脸快照")
    return Next(Act.DECIDE, "比对证件与本人，由您决定是否通过")


def _after_call(state: w.State) -> Next:
    case = state.case
    if case is None:
        return Next(Act.FINISH, "可以结束本笔，继续接待")
    if case.phase is Phase.CLOSED:
        return Next(Act.FINISH, "本笔已用印并封存，可以结束整理")
    if case.phase is Phase.SEALED:
        return Next(Act.WAIT, "已用印，正在封存证据包")
    if case.phase in wording.ENDINGS:
        return Next(Act.FINISH, f"本笔{wording.PHASES[case.phase]}，可以结束整理")
    if case.phase is Phase.STOPPED:
        return Next(Act.FINISH, f"{_refused(case)}不再办理：请在“业务操作”里终止，或变更后由其他人继续")
    if case.phase is Phase.SIGNED and not case.seal_blocked_by:
        return Next(Act.SEAL, "录像已复核完整，可以申请用印")
    saving = _saving(state, case)
    if saving:
        return Next(Act.WAIT, saving)
    if case.phase is Phase.SIGNED:
        return Next(Act.WAIT, "暂不能用印，原因见“用印”一行")
    if not case.recordings:
        return Next(Act.FINISH, "可在“业务操作”里重发链接、变更、撤回或终止；用完请结束整理")
    return Next(Act.FINISH, "本次通话没有走完，客户可凭原链接继续；结束整理后可接待下一位")


def _refused(case: CaseView) -> str:
    return "、".join(parties.label(party) for party in case.parties if party.state is PartyState.REFUSED)


def _saving(state: w.State, case: CaseView) -> str:
    mine = [upload for upload in w.waiting_uploads(state) if upload.case_no == case.case_no]
    if any(upload.stage is w.UploadStage.STUCK for upload in mine):
        return "录像暂时没有上传成功，文件仍在本机，请看左下方提示"
    if mine or state.media.recording is w.Recording.ENDED:
        return "正在保存并上传录像，请稍候"
    if any(recording.state in (RecordingState.FINISHED, RecordingState.UPLOADED) for recording in case.recordings):
        return "服务正在复核录像，请稍候"
    return ""


def may_finish(state: w.State) -> bool:
    """The wrap-up can be ended at any time after the call; the case keeps what it has."""
    return state.view is not None and state.view.presence is Presence.WRAP_UP and state.call is None


def transfer_rings(state: w.State) -> bool:
    """Whether another seat rings for the present call."""
    transfer = state.call.transfer if state.call else None
    return transfer is not None and transfer.state is TransferState.RINGING


def outcome(state: w.State) -> Outcome:
    """What became of the call: what the agent has said, else what the case itself suggests."""
    if state.outcome is not None:
        return state.outcome
    case = state.case
    if case is not None and case.phase in (Phase.SIGNED, Phase.SEALED, Phase.CLOSED):
        return Outcome.SIGNED_ALL
    gone = case is not None and (case.phase in wording.ENDINGS or case.phase is Phase.STOPPED)
    return Outcome.REFUSED if gone else Outcome.TO_CONTINUE


def outcome_said(state: w.State) -> bool:
    """``其他`` needs a word of its own."""
    return outcome(state) is not Outcome.OTHER or len(state.note.strip()) >= 2


def leaves_unsealed(state: w.State) -> bool:
    """Whether ending the wrap-up now puts a signed case aside before it is sealed."""
    return may_finish(state) and state.case is not None and state.case.phase is Phase.SIGNED


def may_take(state: w.State) -> bool:
    """Whether a case that waits for its seal can be opened: not while the seat rings, talks or wraps up another."""
    view = state.view
    return view is not None and view.presence in (Presence.AVAILABLE, Presence.AWAY) and not state.busy


def proof_complete(items: Sequence[ProofItem]) -> bool:
    return bool(items) and all(item.ok for item in items)


def agreed_to_face(party: PartyView) -> bool:
    """False where the customer has chosen the other way."""
    return not any(consent.kind is ConsentKind.FACE and not consent.granted for consent in party.consents)


def may_decide(state: w.State) -> bool:
    """A decision needs both sides of the card before it, and a snapshot where the customer agreed to one."""
    party = state.party
    if party is None or not state.inside(party.party_id) or state.step is not StepKey.IDENTITY:
        return False
    identity = party.identity
    seen = identity.face is not None or not agreed_to_face(party)
    return seen and identity.front is not None and identity.back is not None
