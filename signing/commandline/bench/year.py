"""A database as full as after a year: rows of finished cases put in by the block, as the service itself would have left
them, so that every page, search and view that is measured is the service's own."""

import hashlib
import itertools
import random
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Engine, Table, insert

from signing.adapters.database import schema, search_schema
from signing.adapters.database.figure_schema import case_result
from signing.adapters.database.figures import sealed_result
from signing.adapters.keys import INDEX_VERSION, Keyring, seal
from signing.domain.beijing import BEIJING
from signing.domain.call import CallState, LegState, Outcome
from signing.domain.case import Case, Document, DocumentState, Package, RepaymentMethod, ScriptLine, Terms
from signing.domain.core_state import core_state
from signing.domain.figures import came_out
from signing.domain.ledger import GENESIS, append, leaf_hash
from signing.domain.merkle import completed
from signing.domain.party import Party, PartyState, Role
from signing.domain.queue import Priority, TicketState

BLOCK = 500
_CASE: TypeAdapter[Case] = TypeAdapter(Case)
_SURNAMES, _GIVEN = "王李张刘陈杨黄赵吴周", "建国秀兰志强桂英大山小红文军美玲春生"
_DIGEST = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Year:
    """``cases`` are spread evenly over ``days`` before ``end``; each has ``events`` events, every third two parties."""

    institution_id: str
    branch_ids: tuple[str, ...]
    seat_ids: tuple[str, ...]
    staff_ids: tuple[str, ...]
    end: datetime
    days: float
    cases: int
    events: int
    first: int = 0
    finished: bool = True
    log_from: int = 0
    nodes: dict[int, bytes] = field(default_factory=dict)
    """The service-wide log's length so far, and its newest node of each level."""


def fill(engine: Engine, keyring: Keyring, year: Year, told: Callable[[int], None]) -> None:
    """Each block in a transaction of its own; ``told(done)`` after each."""
    chance = random.Random(year.first)  # noqa: S311 - made-up people
    for begin in range(0, year.cases, BLOCK):
        rows: dict[Table, list[dict[str, Any]]] = {}
        for number in range(begin, min(begin + BLOCK, year.cases)):
            for table, row in _rows(keyring, year, number, chance):
                rows.setdefault(table, []).append(row)
        with engine.connect().execution_options(write=True) as connection, connection.begin():
            for table in sorted(rows, key=schema.metadata.sorted_tables.index):
                connection.execute(insert(table), rows[table])
        told(min(begin + BLOCK, year.cases))


def person(number: int, chance: random.Random) -> tuple[str, str, str]:
    """Name, identity number, phone; the last two are nobody else's."""
    name = chance.choice(_SURNAMES) + "".join(chance.choices(_GIVEN, k=2))
    return name, f"35082319{number:010d}", f"{13 if number < 10**9 else 18}{number % 10**9:09d}"


def case_number(at: datetime, number: int) -> str:
    return f"PQ{at.astimezone(BEIJING):%Y%m%d}{number % 100_000:05d}"


def _case(year: Year, number: int, chance: random.Random) -> Case:
    serial = year.first + number
    at = year.end - timedelta(days=year.days) * (1 - number / max(year.cases, 1))
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    state = PartyState.SIGNED if year.finished else PartyState.INVITED
    parties = tuple(
        Party(f"party_{serial}_{index}", role, *person(serial * 2 + index, chance), "示范村 7 号", state=state)
        for index, role in enumerate((Role.BORROWER, Role.CO_BORROWER)[: 1 + (serial % 3 == 0)])
    )
    sealed = DocumentState.SEALED if year.finished else DocumentState.FROZEN
    documents = tuple(
        Document(f"doc_{serial}_{kind}", kind, kind, 4, "1", tuple(p.party_id for p in parties), (_DIGEST,) * 3, sealed)
        for kind in ("personal_loan_contract", "credit_inquiry_authorisation", "personal_information_consent")
    )
    return Case(
        f"case_{serial:012d}",
        case_number(at, serial),
        year.institution_id,
        year.branch_ids[serial % len(year.branch_ids)],
        "village_credit_line",
        "信用村授信贷款",
        Terms(Decimal(80000), Decimal("3.85"), 12, RepaymentMethod.INTEREST_FIRST, "购买茶苗", "6217000000000000000"),
        at,
        year.staff_ids[0],
        parties,
        documents,
        tuple(ScriptLine(line, "您是自愿办理这笔业务吗？" * 3, "yes") for line in range(1, 9)),
        package=Package(_DIGEST, 30_000_000, at + timedelta(hours=1)) if year.finished else None,
        version=30,
    )


def _rows(keyring: Keyring, year: Year, number: int, chance: random.Random) -> Iterator[tuple[Table, dict[str, Any]]]:
    case, key = _case(year, number, chance), secrets.token_bytes(32)
    kek_id, wrapped = keyring.wrap(case.case_id, key)
    yield schema.data_key, {"case_id": case.case_id, "kek_id": kek_id, "wrapped": wrapped}
    yield schema.case, _case_row(case, key)
    for party in case.parties:
        yield from _found_by(keyring, case, party)
        yield from _came(year, case, party)
    if year.finished:
        yield from _talked(year, case)
        yield _came_out(year, case, key)
        entry = f'{{"case_id":"{case.case_id}","events":{year.events},"head":"{_DIGEST}"}}'.encode()
        position = year.log_from + number
        yield schema.leaf, {"position": position, "case_id": case.case_id, "at": case.opened_at, "entry": entry}
        for level, index, found in list(completed(position, leaf_hash(entry), lambda level, _: year.nodes[level])):
            year.nodes[level] = found
            yield schema.log_node, {"level": level, "position": index, "hash": found}
    yield from _events(year, case, key)


def _case_row(case: Case, key: bytes) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "case_no": case.case_no,
        "institution_id": case.institution_id,
        "branch_id": case.branch_id,
        "product_id": case.product_id,
        "opened_at": case.opened_at,
        "finished": case.package is not None,
        "referred": False,
        "state": core_state(case),
        "changed_at": case.opened_at,
        "expires_at": None,
        "version": case.version,
        "index_version": INDEX_VERSION,
        "sealed": seal(key, _CASE.dump_json(case), f"case:{case.case_id}:{case.version}"),
    }


def _found_by(keyring: Keyring, case: Case, party: Party) -> Iterator[tuple[Table, dict[str, Any]]]:
    place = {"case_id": case.case_id, "party_id": party.party_id, "institution_id": case.institution_id}
    place["opened_at"] = case.opened_at  # type: ignore[assignment]
    values = {"id_number": party.id_number, "phone": party.phone, "name": party.name}
    for kind, value in values.items():
        digest = keyring.digest(f"party:{kind}", value)
        yield (
            search_schema.party_index,
            {**place, "kind": kind, "key_version": INDEX_VERSION, "key_hash": digest},
        )
    yield (
        schema.risk_index,
        {
            **place,
            "branch_id": case.branch_id,
            "opened_by": case.opened_by,
            "device_hash": None,
        },
    )


def _came(year: Year, case: Case, party: Party) -> Iterator[tuple[Table, dict[str, Any]]]:
    """A place in the queue that is over. Of an open case: nobody has come yet."""
    if not year.finished:
        return
    yield (
        schema.ticket,
        {
            "ticket_id": f"ticket_{party.party_id}",
            "case_id": case.case_id,
            "party_id": party.party_id,
            "institution_id": case.institution_id,
            "branch_id": case.branch_id,
            "waiting_since": case.opened_at,
            "priority": Priority.NORMAL,
            "state": TicketState.DONE,
            "present": False,
            "joint": True,
        },
    )


def _came_out(year: Year, case: Case, key: bytes) -> tuple[Table, dict[str, Any]]:
    result = came_out(case, case.opened_at + timedelta(hours=1))
    assert result is not None
    row = {name: getattr(result, name) for name in ("case_id", "institution_id", "branch_id", "product_id", "at")}
    staff_id = year.staff_ids[int(case.case_id[5:]) % len(year.staff_ids)]
    return case_result, {**row, "staff_id": staff_id, "ending": None, "sealed": sealed_result(key, result)}


def _talked(year: Year, case: Case) -> Iterator[tuple[Table, dict[str, Any]]]:
    serial = int(case.case_id[5:])
    staff_id, seat_id = (ids[serial % len(ids)] for ids in (year.staff_ids, year.seat_ids))
    begun, ended = case.opened_at + timedelta(minutes=20), case.opened_at + timedelta(minutes=27)
    call_id = f"call_{serial}"
    yield (
        schema.call,
        {
            "call_id": call_id,
            "case_id": case.case_id,
            "seat_id": seat_id,
            "staff_id": staff_id,
            "agent_name": "张坐席",
            "started_at": begun,
            "state": CallState.ENDED,
            "ended_at": ended,
            "reason": "",
            "joint": True,
            "ring_seconds": 4.0,
            "wrap_up_seconds": 60.0,
            "outcome": Outcome.SIGNED_ALL,
            "outcome_note": "",
        },
    )
    agent = {"case_id": case.case_id, "staff_id": staff_id, "institution_id": case.institution_id}
    yield search_schema.case_agent, {**agent, "opened_at": case.opened_at}
    yield schema.recording, {"recording_id": f"rec_{serial}", "case_id": case.case_id}
    for party in case.parties:
        yield (
            schema.leg,
            {
                "leg_id": f"leg_{party.party_id}",
                "call_id": call_id,
                "case_id": case.case_id,
                "party_id": party.party_id,
                "ticket_id": f"ticket_{party.party_id}",
                "joined_at": begun,
                "since": begun,
                "state": LegState.LEFT,
                "ended_at": ended,
                "reason": "",
            },
        )


def _events(year: Year, case: Case, key: bytes) -> Iterator[tuple[Table, dict[str, Any]]]:
    head, who = GENESIS, {"kind": "staff", "id": year.staff_ids[0], "role": "agent", "name": "张*"}
    for seq in itertools.count(1):
        if seq > year.events:
            return
        body = {"party": "借款人王*国", "line": seq, "text": "您是自愿办理这笔业务吗？"}
        line = append(head, seq, case.opened_at, who, "disclosure.shown", body)
        head = line.sha256
        sealed = seal(key, line.data, f"event:{case.case_id}:{seq}")
        row = {"case_id": case.case_id, "seq": seq, "at": case.opened_at, "type": "disclosure.shown"}
        yield schema.event, {**row, "sha256": line.sha256, "sealed": sealed}
