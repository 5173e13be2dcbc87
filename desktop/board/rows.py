"""What stands in the board's lists: words and icons of seats, waiting customers and live calls. No Qt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from desktop.board import lines
from desktop.model import wording
from desktop.model.board import Need, need_key, referral_key
from signing.wire.base import Tone
from signing.wire.board import (
    BoardCall,
    BoardParty,
    BoardSeat,
    BoardView,
    BoardWaiting,
    FailedRenewals,
    MissingFilm,
    SealRequest,
    UnsealedPackage,
)
from signing.wire.call import CallPartyState, TransferState
from signing.wire.case import RecordingState, StepStatus
from signing.wire.risk import RiskReferral
from signing.wire.staff import Presence

BRANCH = "branch:"
"""Before the key of a row that is a branch's, and no seat."""
LONG_WAIT = 600.0
"""Seconds after which a waiting customer is marked."""
LONG_WRAP_UP = 600.0
SEAT_TONES: dict[Presence, tuple[Tone | None, str]] = {
    Presence.AVAILABLE: (Tone.GOOD, "dot"),
    Presence.RINGING: (Tone.CAUTION, "phone"),
    Presence.ON_CALL: (Tone.NOTICE, "phone"),
    Presence.WRAP_UP: (Tone.CAUTION, "pen"),
    Presence.AWAY: (Tone.CAUTION, "pause"),
    Presence.OFFLINE: (None, "ring"),
}
WITH_REASON = (Presence.AWAY, Presence.WRAP_UP)
"""Why a seat takes nobody; the cell of the grid shows as much of it as it has room for."""
PLACES = {
    CallPartyState.LIVE: ("通话中", Tone.GOOD, "dot"),
    CallPartyState.HELD: ("请稍候中", Tone.CAUTION, "pause"),
    CallPartyState.DROPPED: ("断线", Tone.STOP, "warn"),
    CallPartyState.WAITING: ("等候中", Tone.NOTICE, "clock"),
    CallPartyState.RINGING: ("振铃中", Tone.NOTICE, "phone"),
    CallPartyState.ELSEWHERE: ("在别席", Tone.NOTICE, "phone"),
    CallPartyState.LEFT: ("已离开", None, "ring"),
    CallPartyState.ABSENT: ("未到", None, "ring"),
}


@dataclass(frozen=True)
class Row:
    """One row: two lines, a tone (None: muted) and an icon. ``tip``: its tool tip, and what a screen reader says;
    ``found_by``: what it is found by as well, though it is not shown."""

    key: str
    title: str
    words: str
    tone: Tone | None
    icon: str
    tip: str = ""
    found_by: str = ""


def sought(rows: Iterable[Row], words: str, chosen: str = "") -> list[Row]:
    """Those in which each of the words stands, and what is chosen: it is what the buttons are about."""
    wanted = words.casefold().split()
    return [one for one in rows if one.key == chosen or all(word in _told(one) for word in wanted)]


def _told(row: Row) -> str:
    return " ".join((row.title, row.words, row.tip, row.found_by)).casefold()


def sought_seats(
    branches: Sequence[tuple[Row, list[Row]]], words: str, chosen: str = ""
) -> list[tuple[Row, list[Row]]]:
    """With the line of each branch; one without any is left out."""
    found = [(head, sought(seats, words, chosen)) for head, seats in branches]
    return [(head, seats) for head, seats in found if seats]


def since(at: datetime, now: datetime) -> str:
    return wording.duration(wording.seconds_between(at, now))


def seat_row(seat: BoardSeat, now: datetime) -> Row:
    tone, icon = SEAT_TONES[seat.presence]
    if seat.presence is Presence.WRAP_UP and wording.seconds_between(seat.since, now) > LONG_WRAP_UP:
        tone, icon = Tone.STOP, "warn"
    state = wording.PRESENCES[seat.presence]
    if seat.reason and seat.presence in WITH_REASON:
        state = f"{state}（{seat.reason}）"
    able = ability_words(seat)
    timer = "" if seat.presence is Presence.OFFLINE else f"  {since(seat.since, now)}"
    who = f"{seat.label} {seat.agent}" if seat.agent else seat.label
    return Row(seat.seat_id, f"{who} · {seat.branch}", f"{state}{timer}{able}", tone, icon)


def seat_cell(seat: BoardSeat, now: datetime) -> Row:
    """Of the grid: two short lines; what has no room is in the tool tip, which holds all."""
    whole = seat_row(seat, now)
    state = wording.PRESENCES[seat.presence]
    timer = "" if seat.presence is Presence.OFFLINE else f" {since(seat.since, now)}"
    mark = " ◦" if seat.products or seat.dialects else ""
    reason = f" · {seat.reason}" if seat.reason and seat.presence in WITH_REASON else ""
    number = seat.label.removesuffix("席")
    title = f"{number} {seat.agent}".strip() + mark
    return Row(seat.seat_id, title, f"{state}{timer}{reason}", whole.tone, whole.icon, f"{whole.title}\n{whole.words}")


def seats_by_branch(view: BoardView, now: datetime) -> list[tuple[Row, list[Row]]]:
    """Branches in the order of the view; those without a seat are left out. Who is not on duty comes last."""
    seats: dict[str, list[BoardSeat]] = {}
    for seat in view.seats:
        seats.setdefault(seat.branch_id, []).append(seat)
    return [
        (_branch_row(key, held), [seat_cell(one, now) for one in _on_duty_first(held)]) for key, held in seats.items()
    ]


def _on_duty_first(seats: Sequence[BoardSeat]) -> list[BoardSeat]:
    return sorted(seats, key=lambda one: one.presence is Presence.OFFLINE)


def _branch_row(branch_id: str, seats: Sequence[BoardSeat]) -> Row:
    free = sum(one.presence is Presence.AVAILABLE for one in seats)
    talking = sum(one.presence is Presence.ON_CALL for one in seats)
    words = f"{seats[0].branch}　{len(seats)} 席，空闲 {free}，通话 {talking}"
    return Row(f"{BRANCH}{branch_id}", words, "", None, "")


def seats_words(view: BoardView) -> str:
    free = sum(one.presence is Presence.AVAILABLE for one in view.seats)
    return f"{len(view.seats)}，空闲 {free}"


def ability_words(seat: BoardSeat) -> str:
    """Only where the seat is not for everything."""
    told = [f"{len(seat.products)} 种产品"] if seat.products else []
    told += ["、".join(wording.DIALECTS[one] for one in seat.dialects)] if seat.dialects else []
    return f"\n限 {'，'.join(told)}" if told else ""


def waiting_row(row: BoardWaiting, now: datetime) -> Row:
    waited = wording.seconds_between(row.waiting_since, now)
    tone, icon = (Tone.STOP, "warn") if waited > LONG_WAIT else (Tone.NOTICE, "clock")
    marks = [row.priority] if row.priority else []
    if row.ringing_at:
        marks.append(f"{row.ringing_at}振铃")
    elif row.kept_for_call:
        marks.append("等本业务的通话请入")
    elif not row.present:
        marks.append("已离开页面，保留位置")
    words = f"等候 {wording.duration(waited)} · {row.product_title}"
    by = f"{row.case_no} {row.branch}"
    return Row(row.ticket_id, row.party_label, "\n".join([words, *marks]), tone, icon, found_by=by)


def call_row(call: BoardCall, now: datetime) -> Row:
    title = f"{call.seat} {call.agent} · 通话 {since(call.started_at, now)}"
    if call.unread:
        return Row(call.call_id, title, "业务打不开，不能继续办理\n请终止通话，并联系管理员", Tone.STOP, "warn")
    inside = [one for one in call.parties if one.place.state in (CallPartyState.LIVE, CallPartyState.HELD)]
    step = next((step.title for step in call.steps if step.status is StepStatus.CURRENT), "")
    marks = [f"{len(inside)} 人在线", step]
    if call.transfer is not None and call.transfer.state is TransferState.RINGING:
        marks.append(f"正在转接到{call.transfer.to_seat}")
    if call.listeners:
        marks.append(f"{'、'.join(ear.name for ear in call.listeners)}旁听")
    line, heard = lines.worst(call, now)
    marks.append(line)
    dropped = any(one.place.state is CallPartyState.DROPPED for one in call.parties)
    tone, icon = (Tone.STOP, "warn") if dropped or heard is Tone.STOP else (Tone.GOOD, "phone")
    if heard is Tone.CAUTION and not dropped:
        tone, icon = Tone.CAUTION, "signal"
    words = f"{call.product_title} {call.case_no}\n{' · '.join(mark for mark in marks if mark)}"
    by = " ".join(f"{one.place.label} {PLACES[one.place.state][0]}" for one in call.parties)
    return Row(call.call_id, title, words, tone, icon, found_by=by)


def party_row(party: BoardParty, now: datetime) -> Row:
    place = party.place
    state, tone, icon = PLACES[place.state]
    online = "" if place.online or place.state is CallPartyState.ABSENT else " · 手机不在线"
    words = f"{state} · {party.progress_title}{online}"
    if party.line is None or not lines.in_call(party):
        return Row(place.party_id, place.label, words, tone, icon)
    line, heard = lines.line_words(party.line, now)
    # that there is a line says that they are in the call
    away = online or (" · 已静音" if place.muted else "")
    return Row(place.party_id, place.label, f"{party.progress_title}{away} · {line}", heard, "signal")


def need_row(need: Need) -> Row:
    match need:
        case RiskReferral():
            return referral_row(need)
        case SealRequest():
            return seal_request_row(need)
        case MissingFilm():
            return film_row(need)
        case UnsealedPackage():
            words = [f"{need.case_no} {need.product_title}", f"{need.branch}，请坐席打开这笔业务再点用印"]
            return Row(need_key(need), "证据包没有封存", "\n".join(words), Tone.CAUTION, "warn")
        case FailedRenewals():
            return renewals_row(need)


def seal_request_row(request: SealRequest) -> Row:
    words = [
        f"{request.case_no} {wording.money(request.amount)}",
        f"{request.branch} {request.opened_by or '系统'}经办",
    ]
    if request.refused_by:
        words.append(f"{request.refused_by}已不同意：{request.refused_reason}")
        return Row(need_key(request), "用印复核 · 已不同意", "\n".join(words), None, "seal")
    return Row(need_key(request), "用印待复核", "\n".join(words), Tone.STOP, "seal")


def film_row(film: MissingFilm) -> Row:
    what = "录像有损坏" if film.state is RecordingState.DAMAGED else "录像没有收到"
    when = f"{wording.day_and_time(film.since)[5:16]} 的通话" + ("" if film.recording_id else "，没有这一段的录像")
    words = [f"{film.seat} {film.agent} {when}", f"{film.case_no} {film.product_title}"]
    return Row(need_key(film), what, "\n".join(words), Tone.CAUTION, "camera")


def renewals_row(failed: FailedRenewals) -> Row:
    """An administrator's to settle; a supervisor sees that it is done."""
    until = "" if failed.until is None else f"，最早 {wording.day_and_time(failed.until)[:10]} 到期"
    words = [f"{failed.count:,} 份{until}", failed.reason, "请管理员处理"]
    title, more = "证据包的时间戳没有续成", f"最先到期的是 {failed.case_no}；pingqian archive list 列出全部"
    tip = "\n".join((title, *words, more))
    return Row(need_key(failed), title, "\n".join(words), Tone.CAUTION, "clock", tip)


def referral_row(referral: RiskReferral) -> Row:
    finding = referral.finding
    about = f"{finding.party}：{finding.reason}" if finding.party else finding.reason
    case = " ".join(part for part in (referral.case_no, wording.money(referral.amount)) if part)
    words = [about, case, f"{referral.branch} {referral.opened_by or '系统'}经办"]
    return Row(
        referral_key(referral), f"{finding.title} · 停在{finding.blocks_title}", "\n".join(words), Tone.STOP, "lock"
    )
