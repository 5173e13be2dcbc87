"""Values as people read them. Amounts come as decimal strings in yuan; times as aware UTC, shown as Beijing time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from signing.wire.case import Answer, CaseView, DocumentState, PartyState, Phase, RecordingState, RecordingView
from signing.wire.queue import Dialect
from signing.wire.staff import Presence

MOST_TOLD = 3
"""Stretches of recordings to be looked at that are named one by one."""
BEIJING = timezone(timedelta(hours=8), "UTC+8")

ANSWERS = {Answer.YES: "是", Answer.NO: "否", Answer.REPEAT: "重述", Answer.NODDED: "点头"}
PRESENCES = {
    Presence.OFFLINE: "未开始接待",
    Presence.AVAILABLE: "空闲",
    Presence.RINGING: "来客振铃",
    Presence.ON_CALL: "通话中",
    Presence.WRAP_UP: "话后整理",
    Presence.AWAY: "暂离",
}
PHASES = {
    Phase.PREPARED: "已准备",
    Phase.INVITED: "已邀请",
    Phase.WAITING: "等候中",
    Phase.IN_CALL: "通话中",
    Phase.SIGNED: "已签署",
    Phase.SEALED: "已用印",
    Phase.CLOSED: "已封存",
    Phase.STOPPED: "客户拒绝，待处理",
    Phase.ABORTED: "已终止",
    Phase.WITHDRAWN: "已撤回",
    Phase.REFUSED: "客户拒绝",
    Phase.EXPIRED: "已过期",
}
ENDINGS = (Phase.ABORTED, Phase.WITHDRAWN, Phase.REFUSED, Phase.EXPIRED)
PARTY_STATES = {
    PartyState.INVITED: "已邀请",
    PartyState.ENTERED: "已验证手机",
    PartyState.CONSENTED: "已同意",
    PartyState.READY: "设备就绪",
    PartyState.IDENTIFIED: "身份已核验",
    PartyState.INFORMED: "已告知",
    PartyState.READ: "已阅读",
    PartyState.SIGNED: "已签署",
    PartyState.REFUSED: "已拒绝",
    PartyState.REMOVED: "已退出",
}
DOCUMENT_STATES = {
    DocumentState.FROZEN: "待签署",
    DocumentState.SIGNED: "已签署",
    DocumentState.SEALED: "已用印",
    DocumentState.VOID: "已作废",
}
RECORDING_STATES = {
    RecordingState.RECORDING: "录制中",
    RecordingState.FINISHED: "待上传",
    RecordingState.UPLOADED: "已上传，正在复核",
    RecordingState.VERIFIED: "已复核完整",
    RecordingState.DAMAGED: "文件有损坏",
}


DIALECTS = {Dialect.MANDARIN: "普通话", Dialect.HAKKA: "客家话", Dialect.HOKKIEN: "闽南话"}


def money(amount: str) -> str:
    """``180000.00`` → ``¥180,000.00``"""
    return f"¥{Decimal(amount):,.2f}" if amount else ""


def seconds_between(earlier: datetime, later: datetime) -> float:
    """Never negative: two clocks may differ a little."""
    return max(0.0, (later - earlier).total_seconds())


def duration(seconds: float) -> str:
    """``252`` → ``04:12``; from an hour on ``1:04:12``."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes:02}:{left:02}"


def day_and_time(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def day_and_minute(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def time_of_day(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%H:%M:%S")


def size(count: int) -> str:
    """Bytes in MB or KB with one decimal."""
    if count >= 1_000_000:
        return f"{count / 1_000_000:.1f} MB"
    return f"{max(count, 0) / 1000:.1f} KB"


def percent(done: int, total: int) -> int:
    return 0 if total <= 0 else min(100, done * 100 // total)


def stated(case: CaseView) -> str:
    """What the product asks for beside the terms, one a line: renewal, mode, guarantee, what is insured."""
    return "\n".join(f"{one.title}：{one.words}" for one in case.particulars)


def stand_ins(texts: Sequence[str]) -> str:
    """Parts that only stand in for something outside the building, in one sentence."""
    bare = (text.removeprefix("演示").lstrip(":：") for text in texts)
    return "演示替身：" + "；".join(bare)


def to_look_at(recordings: Sequence[RecordingView]) -> str:
    """What the service's read-back advises a person to look at; empty where that is nothing."""
    in_order = sorted(recordings, key=lambda one: one.started_at)
    some = [(number, one.advice) for number, one in enumerate(in_order, 1) if one.advice]
    told = [
        (f"第 {number} 份录像 " if len(recordings) > 1 else "") + text for number, all_of in some for text in all_of
    ]
    more = f"等 {len(told)} 处" if len(told) > MOST_TOLD else ""
    return f"请复看：{'；'.join(told[:MOST_TOLD])}{more}" if told else ""


def utc_now() -> datetime:
    return datetime.now(UTC)
