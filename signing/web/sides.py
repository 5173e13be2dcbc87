"""Who sits at the ends of a call's signalling: a seat, a customer's phone, a supervisor who listens."""

from dataclasses import dataclass

from signing.domain.case import party_of
from signing.domain.errors import ConflictError, InputError, NotPermitted
from signing.domain.phone_step import documents_of
from signing.service.board import board
from signing.service.call_state import CallSnapshot, PlaceState
from signing.service.commands import Actor
from signing.service.lineup import moved
from signing.service.permissions import may_ask
from signing.service.snapshots import PhoneSnapshot
from signing.web.context import Web
from signing.web.crossing import pass_on
from signing.web.hub import Link
from signing.web.pace import BOARD_PACE, ORDER_AGE, PHONE_PACE, SEAT_PACE
from signing.web.present import party_key, seat_key, show_board, show_phone, show_seat, staff_key
from signing.wire.board import BoardView
from signing.wire.phone import PhoneView
from signing.wire.signal import Lead, Sdp
from signing.wire.staff import SeatView

LISTENER = "staff:"
"""How ``Sdp.party_id`` of a listening supervisor begins."""


@dataclass
class SeatSide:
    """Every view asks again who the token belongs to, so that an ended session ends the socket.

    ``talk``: the live call as it was shown last.
    """

    web: Web
    token: str
    actor: Actor
    link: Link
    talk: CallSnapshot | None = None

    async def view(self) -> SeatView:
        """A session that is over by time still shows its live call, and says that the password is wanted."""
        there = await self.web.ask(self.web.queries.attendance, self.token)
        self.actor = there.actor
        seat = await self.web.ask(self.web.queries.seat, self.actor)
        shown = {seat.seat.seat_id, self.actor.actor_id}
        if seat.case is not None:
            shown.add(seat.case.case.case_id)
        self.link.topics = frozenset(shown)
        self.talk = seat.talk
        shown_seat = await show_seat(self.web, seat)
        return shown_seat.model_copy(update={"log_in_again": there.lapsed})

    async def moved(self) -> SeatView:
        return await self.view()

    async def relay(self, frame: Sdp) -> None:
        """Only the answer, only to a customer of this seat's live call, or to a supervisor who listens to it."""
        if frame.kind != "answer":
            raise InputError("坐席只能应答，不能发起", "请等待客户手机连接")
        seat = await self.web.ask(self.web.queries.seat, self.actor)
        if seat.talk is None or seat.talk.call.call_id != frame.call_id or frame.party_id not in _ends(seat.talk):
            raise ConflictError("这个通话不在进行中", "请以页面显示的通话为准")
        if frame.party_id.startswith(LISTENER):
            await pass_on(self.web, frame.party_id, frame, "主管的窗口暂时离线", seat.talk.case.case_id)
        else:
            await pass_on(self.web, party_key(frame.party_id), frame, "客户手机暂时离线", seat.talk.case.case_id)

    async def lead(self, frame: Lead) -> None:
        """By what was shown last: a hand that points is not worth a look into the database each time.

        Only before it is refused is looked again: a call that was just accepted may not have been shown yet.
        """
        if not _leads(self.talk, frame):
            self.talk = (await self.web.ask(self.web.queries.seat, self.actor)).talk
        talk = self.talk
        if talk is None or not _leads(talk, frame):
            raise ConflictError("这位客户现在不在通话里", "请等客户接通后再带读")
        party = party_of(talk.case, frame.party_id)
        document = next((one for one in documents_of(talk.case, party) if one.document_id == frame.document_id), None)
        if document is None or frame.page > document.pages:
            raise InputError("这位客户没有这一页", "请以页面显示的文书为准")
        if not self.web.limits.lead.lets(
            f"{frame.call_id} {frame.party_id} {frame.kind == 'over'}", self.web.monotonic()
        ):
            return  # whoever leads says it again within seconds, and each frame is the whole truth
        await pass_on(self.web, party_key(frame.party_id), frame, "客户手机暂时离线", talk.case.case_id)


def _leads(talk: CallSnapshot | None, frame: Lead) -> bool:
    return talk is not None and talk.call.call_id == frame.call_id and _is_live(talk, frame.party_id)


def _is_live(talk: CallSnapshot, party_id: str) -> bool:
    return any(place.party.party_id == party_id and place.state is PlaceState.LIVE for place in talk.places)


def _ends(talk: CallSnapshot) -> set[str]:
    """Whom the seat of this call may answer, as ``Sdp.party_id``."""
    inside = {place.party.party_id for place in talk.places if place.state in (PlaceState.LIVE, PlaceState.HELD)}
    return inside | {staff_key(listener.staff_id) for listener in talk.listeners}


@dataclass
class BoardSide:
    """A supervisor's board; where it listens in, also an end of a call's signalling."""

    web: Web
    token: str
    actor: Actor
    link: Link

    async def view(self) -> BoardView:
        self.actor = await self.web.ask(self.web.queries.authenticate, self.token)
        shown = await self.web.ask(board, self.web.services, self.actor)
        calls = {call.talk.case.case_id for call in shown.calls}
        heard = {call.talk.case.case_id for call in shown.calls if call.talk.call.call_id in shown.listening}
        self.link.topics = frozenset({self.actor.actor_id, *heard})
        lines = {call.talk.call.call_id for call in shown.calls}
        self.link.crowd = frozenset({*shown.branches, *calls, *lines, *(seat.seat_id for seat in shown.seats)})
        return await show_board(self.web, shown)

    async def moved(self) -> BoardView:
        return await self.view()

    async def relay(self, frame: Sdp) -> None:
        """Only the offer, only to the seat of a call that this supervisor listens to."""
        if frame.kind != "offer":
            raise InputError("旁听只能发起，不能应答", "请重新旁听")
        shown = await self.web.ask(board, self.web.services, self.actor)
        calls = {call.talk.call.call_id: call for call in shown.calls}
        if frame.call_id not in shown.listening or frame.call_id not in calls:
            raise ConflictError("您没有在旁听这次通话", "请先点“旁听”")
        own = frame.model_copy(update={"party_id": staff_key(self.actor.actor_id)})
        call = calls[frame.call_id]
        await pass_on(self.web, seat_key(call.seat.seat_id), own, "坐席的电脑暂时离线", call.talk.case.case_id)

    async def lead(self, frame: Lead) -> None:
        raise InputError("旁听不能带读", "请由坐席带客户看文书")


@dataclass
class PhoneSide:
    """``shown``: what the customer was shown last."""

    web: Web
    token: str
    actor: Actor
    link: Link
    shown: PhoneSnapshot | None = None

    async def view(self) -> PhoneView:
        self.actor = await self.web.ask(self.web.queries.authenticate, self.token)
        phone = await self.web.ask(self.web.queries.phone, self.actor, ORDER_AGE)
        self.link.topics = frozenset({phone.party.party_id, phone.case.case_id})
        self.link.crowd = frozenset({phone.branch.branch_id})
        self.shown = phone
        return show_phone(self.web, phone)

    async def moved(self) -> PhoneView:
        """Without asking the database, where only others have moved."""
        newest = self.web.queries.lineups.newest
        after = None if self.shown is None or newest is None else moved(self.shown, newest)
        if after is None:
            return await self.view()
        self.shown = after
        return show_phone(self.web, after)

    async def relay(self, frame: Sdp) -> None:
        """Only the offer, only to the seat of this customer's live call; whose it is, is filled in here."""
        if frame.kind != "offer":
            raise InputError("手机只能发起，不能应答", "请刷新页面")
        phone = await self.web.ask(self.web.queries.phone, self.actor)
        call = phone.call
        if call is None or call.call_id != frame.call_id:
            raise ConflictError("通话已经结束", "请等待重新接通")
        own = frame.model_copy(update={"party_id": phone.party.party_id})
        await pass_on(self.web, seat_key(call.seat_id), own, "客户经理的电脑暂时离线", call.case_id)

    async def lead(self, frame: Lead) -> None:
        raise InputError("手机不能带读", "请刷新页面")


async def admit_seat(web: Web, token: str) -> SeatSide:
    """Raises ``NotLoggedIn``, or ``NotPermitted`` for anybody who has no seat."""
    actor = (await web.ask(web.queries.attendance, token)).actor
    if actor.kind != "staff" or actor.seat_id is None:
        raise NotPermitted("您的账号没有分配席位", "请联系管理员")
    link = Link(seat_key(actor.seat_id), actor, frozenset({actor.seat_id}), pace=SEAT_PACE)
    return SeatSide(web, token, actor, link)


async def admit_board(web: Web, token: str) -> BoardSide:
    """Raises ``NotLoggedIn``, or ``NotPermitted`` for anybody but a supervisor."""
    actor = await web.ask(web.queries.authenticate, token)
    if not may_ask(actor.role, "board"):
        raise NotPermitted("这里只限主管", "请使用主管账号登录")
    link = Link(staff_key(actor.actor_id), actor, frozenset({actor.actor_id}), pace=BOARD_PACE)
    return BoardSide(web, token, actor, link)


async def admit_phone(web: Web, token: str) -> PhoneSide:
    """Raises ``NotLoggedIn``, or ``NotPermitted`` for anybody but a customer."""
    actor = await web.ask(web.queries.authenticate, token)
    if actor.kind != "party":
        raise NotPermitted("这里只限客户本人", "请打开您的专属链接")
    link = Link(party_key(actor.actor_id), actor, frozenset({actor.actor_id}), pace=PHONE_PACE)
    return PhoneSide(web, token, actor, link)
