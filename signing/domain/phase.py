"""Where a case stands, derived from its parts: phase, steps, proof before hang-up, what blocks the seal."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from signing.domain.call import Call, CallState
from signing.domain.case import ENDING_TITLES, Case, Document, DocumentState, Ending, RecordingState
from signing.domain.coverage import unknown
from signing.domain.document import all_read, signed_by
from signing.domain.masking import mask_name
from signing.domain.party import PARTY, ROLE_TITLES, Party, PartyState, Role
from signing.domain.risk.model import Stage, closed_by, waits_briefly, waits_for

CONSENTS = ("recording", "face", "personal_information", "credit_inquiry")
CONSENT_TITLES = {
    "recording": "录音录像",
    "face": "人脸信息",
    "personal_information": "个人信息",
    "credit_inquiry": "征信查询",
}
NO_CREDIT_INQUIRY = frozenset({Role.PRINCIPAL, Role.ATTORNEY, Role.CUSTODIAN, Role.POLICYHOLDER})
"""They neither owe nor secure a debt: their credit is nobody's business (征信业管理条例 art. 18)."""
OPTIONAL_CONSENTS = frozenset({"face"})
"""Refusing one of these leads another way (人脸识别办法 2025: an alternative must exist), not to the end."""


def consents_of(party: Party) -> tuple[str, ...]:
    """The kinds this person is asked for, in their order."""
    return tuple(kind for kind in CONSENTS if kind != "credit_inquiry" or party.role not in NO_CREDIT_INQUIRY)


class Phase(StrEnum):
    PREPARED = "prepared"
    INVITED = "invited"
    WAITING = "waiting"
    IN_CALL = "in_call"
    SIGNED = "signed"
    SEALED = "sealed"
    CLOSED = "closed"
    STOPPED = "stopped"
    """A party has refused: nothing goes on until staff end the case, or go on without that party."""
    ABORTED = "aborted"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    EXPIRED = "expired"


class StepKey(StrEnum):
    IDENTITY = "identity"
    DISCLOSURE = "disclosure"
    READING = "reading"
    SIGNING = "signing"
    PROOF = "proof"
    SEALING = "sealing"


class StepStatus(StrEnum):
    LOCKED = "locked"
    CURRENT = "current"
    DONE = "done"


STEP_TITLES = {
    StepKey.IDENTITY: "身份核验",
    StepKey.DISCLOSURE: "风险告知",
    StepKey.READING: "阅读合同",
    StepKey.SIGNING: "签署",
    StepKey.PROOF: "挂断前核对",
    StepKey.SEALING: "用印归档",
}

_ORDER = [
    PartyState.INVITED,
    PartyState.ENTERED,
    PartyState.CONSENTED,
    PartyState.READY,
    PartyState.IDENTIFIED,
    PartyState.INFORMED,
    PartyState.READ,
    PartyState.SIGNED,
]


@dataclass(frozen=True)
class Step:
    key: StepKey
    title: str
    status: StepStatus
    reason: str = ""


@dataclass(frozen=True)
class Proof:
    """One line of the proof before hang-up; ``remedy`` says what to do where it is not ``ok``."""

    key: str
    title: str
    ok: bool
    remedy: str = ""


def has_reached(party: Party, state: PartyState) -> bool:
    """True where the party came as far as ``state``; never for one who refused or is none any more."""
    return party.state in _ORDER and _ORDER.index(party.state) >= _ORDER.index(state)


def all_reached(case: Case, state: PartyState) -> bool:
    return all(has_reached(party, state) for party in case.parties)


def is_sealed(case: Case) -> bool:
    return bool(case.documents) and all(document.state is DocumentState.SEALED for document in case.documents)


def is_open(case: Case) -> bool:
    """True while anything may still happen to it."""
    return not case.abort_reason and case.package is None


def ending_of(case: Case) -> Ending | None:
    """Cases of the first version have only the reason, and were all aborted."""
    return case.ending or (Ending.ABORTED if case.abort_reason else None)


def is_stopped(case: Case) -> bool:
    """True where a party has refused and staff have not yet decided what follows."""
    return is_open(case) and any(party.state is PartyState.REFUSED for party in case.parties)


def phase_of(case: Case, *, waiting: bool = False, in_call: bool = False) -> Phase:
    """``waiting`` and ``in_call``: whether a ticket of the case waits, whether a call of it is live."""
    ending = ending_of(case)
    if ending is not None:
        return Phase(ending)
    if case.package is not None:
        return Phase.CLOSED
    if is_sealed(case):
        return Phase.SEALED
    if is_stopped(case):
        return Phase.STOPPED
    if in_call:
        return Phase.IN_CALL
    if all_reached(case, PartyState.SIGNED):
        return Phase.SIGNED
    if waiting:
        return Phase.WAITING
    return Phase.INVITED if case.documents else Phase.PREPARED


def steps_of(case: Case) -> list[Step]:
    """The agent's six steps: those done, the one at hand with what it waits for, the locked ones."""
    done = {
        StepKey.IDENTITY: all_reached(case, PartyState.IDENTIFIED),
        StepKey.DISCLOSURE: all_reached(case, PartyState.INFORMED),
        StepKey.READING: all_reached(case, PartyState.READ),
        StepKey.SIGNING: all_reached(case, PartyState.SIGNED),
        StepKey.PROOF: all_reached(case, PartyState.SIGNED) and _recorded_whole(case),
        StepKey.SEALING: case.package is not None,
    }
    return list(_steps(case, done))


def _steps(case: Case, done: dict[StepKey, bool]) -> Iterator[Step]:
    earlier: StepKey | None = None
    for key, finished in done.items():
        if finished:
            yield Step(key, STEP_TITLES[key], StepStatus.DONE)
        elif earlier is None or _opens_early(case, key):
            yield Step(key, STEP_TITLES[key], StepStatus.CURRENT, _waits_for(case, key))
            earlier = earlier or key
        else:
            yield Step(key, STEP_TITLES[key], StepStatus.LOCKED, f"先完成“{STEP_TITLES[earlier]}”")


def _opens_early(case: Case, key: StepKey) -> bool:
    """Signing goes document by document, so it is at hand while later documents are still to be read."""
    if key is not StepKey.SIGNING or not all_reached(case, PartyState.INFORMED):
        return False
    return any(all_read(d, p.reading.get(d.document_id, {})) for p in case.parties for d in case.documents)


_STAGES = {StepKey.IDENTITY: Stage.IDENTITY, StepKey.DISCLOSURE: Stage.DISCLOSURE, StepKey.SIGNING: Stage.SIGNING}


def _waits_for(case: Case, key: StepKey) -> str:
    if key is StepKey.SEALING:
        return "；".join(seal_blocked_by(case))
    if key in _STAGES and (closed := closed_by(case.findings, _STAGES[key])):
        return "；".join(waits_briefly(finding) for finding in closed)
    if key is StepKey.PROOF:
        return "；".join(item.remedy for item in proof_of(case) if not item.ok) or "核对无误后挂断，等待录像上传并回读"
    return _party_wait(case, key)


def _party_wait(case: Case, key: StepKey) -> str:
    wanted = {
        StepKey.IDENTITY: PartyState.IDENTIFIED,
        StepKey.DISCLOSURE: PartyState.INFORMED,
        StepKey.READING: PartyState.READ,
        StepKey.SIGNING: PartyState.SIGNED,
    }[key]
    behind = [party for party in case.parties if not has_reached(party, wanted)]
    return "；".join(f"{party_label(party)}：{PARTY.titles[party.state]}" for party in behind)


def party_label(party: Party) -> str:
    """Role and masked name, as 借款人王*国."""
    return f"{ROLE_TITLES[party.role]}{mask_name(party.name)}"


def proof_of(case: Case, party_ids: Collection[str] | None = None, call_id: str | None = None) -> list[Proof]:
    """What must be on record before the customers leave: one line per thing and party.

    ``party_ids``: whom the call is about; who comes in a call of their own is not asked for here. None: all.
    ``call_id``: only a recording of that call will do.
    """
    concerned = [party for party in case.parties if party_ids is None or party.party_id in party_ids]
    items = [item for party in concerned for item in _party_proof(case, party)]
    gone = (RecordingState.DAMAGED, RecordingState.LOST)
    here = [recording for recording in case.recordings if call_id in (None, recording.call_id)]
    running = [recording for recording in here if recording.state not in gone]
    items.append(
        Proof("recording", "录像正在录制或已保存", bool(running), "" if running else "请先开始录像，再补做缺少的步骤")
    )
    return items


def _party_proof(case: Case, party: Party) -> Iterator[Proof]:
    label, key = party_label(party), party.party_id
    yield _consent_proof(party)
    identified = has_reached(party, PartyState.IDENTIFIED)
    yield _proof(f"identity.{key}", f"{label}身份已核验", identified, f"请完成{label}的身份核验")
    missing = lines_missing(case, party)
    listed = "、".join(str(number) for number in missing)
    yield _proof(f"disclosure.{key}", f"{label}风险告知已完成", not missing, f"请补读告知第 {listed} 条并记录回答")
    for document in case.documents:
        if key in document.signer_party_ids:
            yield from _document_proof(document, party)


def _consent_proof(party: Party) -> Proof:
    given = {consent.kind for consent in party.consents}
    missing = [CONSENT_TITLES[kind] for kind in consents_of(party) if kind not in given]
    remedy = f"请客户在手机上确认：{'、'.join(missing)}"
    return _proof(f"consents.{party.party_id}", f"{party_label(party)}各项同意已留存", not missing, remedy)


def _document_proof(document: Document, party: Party) -> Iterator[Proof]:
    title, key = document.title, f"{document.document_id}.{party.party_id}"
    read = all_read(document, party.reading.get(document.document_id, {}))
    yield _proof(f"read.{key}", f"《{title}》已读完", read, f"请客户翻到《{title}》最后一页")
    signed = party.party_id in signed_by(document)
    yield _proof(f"signed.{key}", f"《{title}》已签署", signed, f"请客户签署《{title}》")


def _proof(key: str, title: str, ok: bool, remedy: str) -> Proof:
    return Proof(key, title, ok, "" if ok else remedy)


def lines_missing(case: Case, party: Party) -> list[int]:
    """Numbers of the script lines without their answer. The last answer to a line counts; 重读 never completes it."""
    last = {answer.line: answer.answer for answer in party.answers}
    own = (line for line in case.script if line.is_for(party.party_id))
    return [line.number for line in own if right(last.get(line.number), line.expected) is not True]


def right(answer: str | None, expected: str | None) -> bool | None:
    """None while it is no answer yet: 重述, or a nod to a line whose word has to be heard on the recording."""
    if answer in (None, "repeat") or (answer == "nodded" and expected is not None):
        return None
    return expected is None or answer == expected


def seal_blocked_by(case: Case, calls: Iterable[Call] = ()) -> list[str]:
    """Everything that forbids the institution's seal, each in Chinese with its remedy; empty where it may be asked.

    ``calls``: all that were held about the case.
    """
    held = tuple(calls)
    in_call = any(call.state is CallState.LIVE for call in held)
    ending = ending_of(case)
    if ending is not None:
        return [f"业务{ENDING_TITLES[ending]}：{case.abort_reason}"]
    talking = ["通话尚未结束，请先挂断"] if in_call else []
    return [
        *_risks_block(case),
        *_parties_block(case),
        *_documents_block(case),
        *talking,
        *_recordings_block(case, in_call=in_call),
        *_calls_block(case, held),
        *_tracks_block(case),
    ]


def _risks_block(case: Case) -> Iterator[str]:
    yield from (waits_for(finding) for finding in case.findings if finding.closes)


def _parties_block(case: Case) -> Iterator[str]:
    for party in case.parties:
        if not has_reached(party, PartyState.SIGNED):
            yield f"{party_label(party)}尚未完成签署（当前：{PARTY.titles[party.state]}），请接通后继续"
        if party.identity.decision is None or not party.identity.decision.accepted:
            yield f"{party_label(party)}的身份尚未核验通过，请完成身份核验"
        if missing := lines_missing(case, party):
            yield f"{party_label(party)}的风险告知缺第 {'、'.join(map(str, missing))} 条，请补读并记录回答"


def _documents_block(case: Case) -> Iterator[str]:
    if not case.documents:
        yield "没有可用印的文件，请重新建立业务"
    for document in case.documents:
        if document.state in (DocumentState.FROZEN, DocumentState.VOID):
            yield f"《{document.title}》尚未签署齐全，请客户签署"


_LAST_RESORT = "（文件确已丢失或损坏的，请主管声明遗失）"
_RECORDING_BLOCKS = {
    RecordingState.RECORDING: f"录像还没有交齐，接听的坐席电脑登录着就会自动上传，请等待{_LAST_RESORT}",
    RecordingState.FINISHED: f"录像还没有传完，接听的坐席电脑登录着就会自动续传，请等待{_LAST_RESORT}",
    RecordingState.UPLOADED: "录像已上传，正在回读检查，请稍候",
}


_SETTLED = (RecordingState.VERIFIED, RecordingState.LOST)
"""A recording that was declared lost blocks nothing more; it is told as lost wherever recordings are shown."""


def _recordings_block(case: Case, *, in_call: bool) -> Iterator[str]:
    if not case.recordings:
        yield "没有通话录像，不能证明面签过程，请接通客户并录像"
    for recording in case.recordings:
        if recording.state is RecordingState.DAMAGED:
            found = "、".join(recording.findings)
            yield f"录像回读发现问题（{found}），请从接听的坐席电脑重新上传{_LAST_RESORT}"
        elif recording.state is RecordingState.RECORDING and in_call:
            yield "录像仍在录制，请先挂断并结束录像"
        elif recording.state not in _SETTLED:
            yield _RECORDING_BLOCKS[recording.state]


def _calls_block(case: Case, calls: Iterable[Call]) -> Iterator[str]:
    for stretch in unknown(calls, case.recordings):
        yield (
            f"{stretch.in_words} 的通话没有录像的下落，请在接听的坐席电脑上登录以补传"
            "（确实没有录像或已毁坏的，请主管声明遗失）"
        )


def _tracks_block(case: Case) -> Iterator[str]:
    """Only while the service itself looks at one: what has not come by then is told as lost, and blocks nothing."""
    if any(track.state is RecordingState.UPLOADED for track in case.tracks):
        yield "客户单独的音视频正在核对，请稍候几秒再用印"


def _recorded_whole(case: Case) -> bool:
    return bool(case.recordings) and all(recording.state in _SETTLED for recording in case.recordings)
