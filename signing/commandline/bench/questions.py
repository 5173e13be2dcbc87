"""What is asked of the service while its database is small, and again when it is full: its own queries and commands."""

import asyncio
import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import func, select

from signing.adapters import keyfile
from signing.adapters.database.schema import leaf, log_node
from signing.adapters.demo_data import INSTITUTION
from signing.adapters.keys import Keyring
from signing.bootstrap import App, build
from signing.commandline.bench.year import Year, case_number, fill, person
from signing.config import Settings
from signing.domain import events
from signing.domain.case import Case
from signing.domain.queue import Ticket
from signing.domain.reference import Household
from signing.domain.seat import Seat, SeatState
from signing.service.board import board
from signing.service.case_list import CaseQuery
from signing.service.commands import SYSTEM, Actor, Dispatch
from signing.service.figures import figures
from signing.service.handlers import HANDLERS
from signing.service.handlers.cases import store_case
from signing.service.store import Branch, StaffMember

SEATS, BRANCHES = 188, 20
DAY, WAITING, FIRST_OF_DAY = 400, 40, 900_000_000
FIRST_OPENED, HOUSEHOLDS, LINE = FIRST_OF_DAY + 50_000, 500, Decimal(10_000_000)
"""Who is opened a case for while it is measured is on the roster."""
Question = Callable[[int], object]


def _newcomer(number: int) -> tuple[str, str, str]:
    return person(number * 2, random.Random(number))  # noqa: S311


@dataclass
class Office:
    """A cooperative with 188 seats; ``now`` is the end of its year."""

    app: App
    keyring: Keyring
    now: datetime
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _proven: Iterator[int] = field(default_factory=itertools.count)

    # --- what is in the database ----------------------------------------------------------------------------------

    def people(self) -> None:
        inst = INSTITUTION.institution_id
        with self.app.services.db.write() as unit:
            unit.people.add_institution(INSTITUTION)
            for number in range(BRANCHES):
                unit.people.add_branch(Branch(f"branch_{number}", inst, f"第 {number} 支行"))
            for number in range(SEATS):
                branch = f"branch_{number % BRANCHES}"
                seat = Seat(f"seat_{number}", inst, branch, f"{number}号席", self.now, SeatState.AWAY)
                unit.queue.save_seat(replace(seat, staff_id=f"staff_{number}"))
                names = (f"staff_{number}", f"agent{number}", f"坐席{number}", "agent")
                unit.people.save_staff(StaffMember(*names, inst, branch, "x", f"seat_{number}"))
            for role in ("auditor", "supervisor"):
                unit.people.save_staff(StaffMember(f"staff_{role}", role, role, role, inst, "branch_0", "x"))
            until = self.now + timedelta(days=365)
            for number in range(FIRST_OPENED, FIRST_OPENED + HOUSEHOLDS):
                name, id_number, _ = _newcomer(number)
                unit.people.save_household(inst, Household(id_number, name, "示范村", LINE, until))

    def fill_day(self) -> None:
        """The cases of the last day: most are finished, some open, some of whose people wait."""
        self._fill(DAY, 40, 1.0, FIRST_OF_DAY, finished=True)
        self._fill(DAY // 4, 12, 0.5, FIRST_OF_DAY + DAY, finished=False)
        with self.app.services.db.write() as unit:
            for case in unit.cases.find(CaseQuery(INSTITUTION.institution_id), WAITING):
                party = case.parties[0].party_id
                if case.package is None:
                    ticket = Ticket(f"wait_{party}", case.case_id, party, case.institution_id, case.branch_id, self.now)
                    unit.queue.save_ticket(ticket)

    def fill_year(self, cases: int, events_each: int, told: Callable[[int], None], first: int = 0) -> None:
        """Before the last day. ``first``: the number of cases that lie there already."""
        self._fill(cases, events_each, 364.0, first, finished=True, told=told, end=self.now - timedelta(days=1.5))

    def _fill(
        self,
        cases: int,
        events_each: int,
        days: float,
        first: int,
        *,
        finished: bool,
        told: Callable[[int], None] = lambda done: None,
        end: datetime | None = None,
    ) -> None:
        year = Year(
            INSTITUTION.institution_id,
            tuple(f"branch_{number}" for number in range(BRANCHES)),
            tuple(f"seat_{number}" for number in range(SEATS)),
            tuple(f"staff_{number}" for number in range(4 if first >= FIRST_OF_DAY else SEATS)),
            end or self.now,
            days,
            cases,
            events_each,
            first,
            finished,
            *self._log(),
        )
        fill(self.app.engine, self.keyring, year, told)

    def _log(self) -> tuple[int, dict[int, bytes]]:
        """The service-wide log's length, and its newest node of each level."""
        newest = select(log_node.c.level, func.max(log_node.c.position)).group_by(log_node.c.level)
        with self.app.engine.connect() as connection:
            nodes = {}
            for level, position in connection.execute(newest).all():
                row = select(log_node.c.hash).where(log_node.c.level == level, log_node.c.position == position)
                nodes[level] = bytes(connection.execute(row).scalar_one())
            last = connection.execute(select(func.max(leaf.c.position))).scalar()
        return 0 if last is None else last + 1, nodes

    # --- what is asked --------------------------------------------------------------------------------------------

    def questions(self) -> dict[str, Question]:
        """Each finds as much on either side: people of the last day, whose numbers nobody else has."""
        queries, services = self.app.queries, self.app.services
        auditor, supervisor, agent = self._actor("auditor"), self._actor("supervisor"), self._agent()
        _, id_number, phone = person((FIRST_OF_DAY + 7) * 2, random.Random(0))  # noqa: S311
        sample = self._one_of_the_day()
        dispatch = HANDLERS[Dispatch]
        return {
            "审计列表一页": lambda _: queries.audit_list(auditor),
            "按证件号查找": lambda _: queries.audit_list(auditor, id_number),
            "按手机号查找": lambda _: queries.audit_list(auditor, phone),
            "按业务编号查找": lambda _: queries.audit_list(auditor, sample.case_no),
            "按产品查找": lambda _: queries.audit_list(auditor, "信用村"),
            "按坐席查找": lambda _: queries.audit_list(auditor, "坐席1"),
            "按日期查找": lambda _: queries.audit_list(auditor, f"{self.now:%Y-%m-%d}"),
            "打开一笔业务": lambda _: queries.audit_case(auditor, sample.case_id),
            "建立一笔业务": lambda _: self._open(sample),
            "追加一个事件": lambda _: self._append(sample.case_id),
            "派单": lambda _: dispatch(Dispatch(SYSTEM), services),
            "坐席界面": lambda _: queries.seat(agent),
            "主管看板": lambda _: board(services, supervisor),
            "当日经营数字": lambda _: figures(services, supervisor, None, None, False),
            "登记总日志并取证明": lambda _: self._prove(),
        }

    def _actor(self, role: str) -> Actor:
        return Actor("staff", f"staff_{role}", role, INSTITUTION.institution_id, role)

    def _agent(self) -> Actor:
        return Actor("staff", "staff_1", "agent", INSTITUTION.institution_id, "坐席1", "seat_1")

    def _one_of_the_day(self) -> Case:
        with self.app.services.db.read() as unit:
            return unit.cases.get(f"case_{FIRST_OF_DAY + 7:012d}")

    def _open(self, like: Case) -> None:
        """What opening commits, risk rules included; making the papers has nothing to do with how much is kept."""
        number = FIRST_OPENED + next(self._numbers)
        name, id_number, phone = _newcomer(number)
        same = replace(like.parties[0], party_id=f"party_{number}")
        parties = (replace(same, name=name, id_number=id_number, phone=phone),)
        case = replace(
            like, case_id=f"case_{number}", case_no=case_number(self.now, number), parties=parties, version=0
        )
        with self.app.services.db.write() as unit:
            unit.cases.next_number(case.institution_id, "20261231")
        store_case(replace(case, package=None), SYSTEM, self.app.services, self.now)

    def _append(self, case_id: str) -> None:
        with self.app.services.db.write() as unit:
            case = unit.cases.save(unit.cases.get(case_id))
            unit.cases.append(case_id, events.seal_requested("坐席1"), SYSTEM, case.opened_at)

    def _prove(self) -> None:
        """What closing a case needs of the service-wide log, whose length is that of all cases."""
        case_id = f"case_{FIRST_OF_DAY + DAY + next(self._proven):012d}"
        with self.app.services.db.write() as unit:
            proof = unit.logs.proof(unit.logs.add_leaf(case_id, b"{}", self.now))
        self.app.services.evidence_log.checkpoint(proof)


@contextmanager
def opened_office(data: Path, database: str) -> Iterator[Office]:
    app = build(Settings(data, database))
    try:
        office = Office(app, Keyring(data / keyfile.NAME), app.services.clock.now())
        office.people()
        yield office
    finally:
        asyncio.run(app.close())
