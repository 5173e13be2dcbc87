"""Tickets, seats, calls and their legs as they are kept."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from signing.domain.call import Call, Leg, Listener, Transfer
from signing.domain.queue import Ticket
from signing.domain.routing import Match
from signing.domain.seat import Seat


class Queue(Protocol):
    """What is read one by one or of one case is, in a unit that writes, held to its end; long lists are not.

    Saving raises ``Contended`` where somebody else has changed the row since this unit read it.
    """

    def ticket(self, ticket_id: str) -> Ticket: ...

    def open_tickets(
        self,
        institution_id: str | None = None,
        branch_ids: Collection[str] | None = None,
        case_ids: Collection[str] | None = None,
    ) -> list[Ticket]:
        """Oldest first; of one institution, of some branches, of some cases, where they are named."""
        ...

    def restless_tickets(self) -> list[Ticket]:
        """The open ones that ring, and those that dropped and wait: what time alone can change."""
        ...

    def claim(self, wanted: Sequence[Match]) -> list[Match]:
        """Those whose ticket, seat and case are held now, to the end of the unit. At once and without waiting: what
        somebody else has in hand, or has changed since it was read, is left out. No ticket and no seat comes twice.
        Raises ``Fenced``."""
        ...

    def open_ticket_of(self, party_id: str) -> Ticket | None: ...

    def save_ticket(self, *tickets: Ticket) -> None: ...

    def seat(self, seat_id: str) -> Seat: ...

    def seats(self, institution_id: str | None = None) -> list[Seat]: ...

    def save_seat(self, *seats: Seat) -> None: ...

    def call(self, call_id: str) -> Call: ...

    def calls_of(self, case_id: str) -> list[Call]:
        """Oldest first."""
        ...

    def live_call_of(self, party_id: str) -> Call | None:
        """The call that the party has an open leg in, be it on hold."""
        ...

    def live_leg_of(self, party_id: str) -> Leg | None:
        """The party's open leg, live or on hold."""
        ...

    def legs_of(self, call_id: str) -> list[Leg]:
        """Of all who were ever in the call, oldest first."""
        ...

    def live_calls(self, institution_id: str | None = None, case_ids: Collection[str] | None = None) -> list[Call]: ...

    def live_calls_of(self, case_id: str) -> list[Call]:
        """Oldest first."""
        ...

    def open_legs(self) -> list[Leg]:
        """Of all live calls."""
        ...

    def save_leg(self, leg: Leg) -> None: ...

    def transfer(self, transfer_id: str) -> Transfer: ...

    def ringing_transfers(self) -> list[Transfer]:
        """Oldest first."""
        ...

    def last_transfer(self, call_id: str) -> Transfer | None:
        """The newest that was asked for the call."""
        ...

    def save_transfer(self, transfer: Transfer) -> None: ...

    def listeners(self, call_id: str) -> list[Listener]:
        """Who hears the call now."""
        ...

    def listening(self, staff_id: str) -> list[Listener]:
        """The calls that the supervisor hears now."""
        ...

    def save_listener(self, listener: Listener, call: Call) -> None: ...

    def calls_since(self, seat_id: str, since: datetime) -> list[Call]: ...

    def ended_calls(self, branch_id: str, since: datetime, limit: int) -> list[Call]:
        """The branch's last calls that were hung up, not dropped, and began after ``since``; oldest first."""
        ...

    def save_call(self, call: Call) -> None: ...
