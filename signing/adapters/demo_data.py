"""The demonstration's institution, people and roster. All of it is fictitious."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from signing.domain.case import RepaymentMethod, Terms
from signing.domain.errors import ConflictError
from signing.domain.party import Role
from signing.domain.seals import RegisteredSeal, SealKind, usual_seal
from signing.domain.seat import Seat
from signing.service.commands import Actor, OpenCase, PartyDraft
from signing.service.ports import Clock, Household, Institution
from signing.service.store import Branch, Database, Secrets, StaffMember, Unit

INSTITUTION = Institution(
    "inst_demo",
    "龙岩示范农村信用合作联社",
    "龙岩示范农村信用合作联社",
    "福建省龙岩市示范路 1 号",
    "0597-0000000",
    "陈示范",
    "91350800MA00000000",
)
BRANCH = Branch("branch_shanghang", INSTITUTION.institution_id, "上杭支行")
SEAT_ID = "seat_07"
SEAT_LABEL = "07号席"
SUPERVISOR_SEAT_ID = "seat_01"
SEATS = {SEAT_ID: SEAT_LABEL, SUPERVISOR_SEAT_ID: "01号席"}
"""The supervisor's own is for taking over a call."""

STAFF = (
    ("staff_zhang", "zhang", "张秀英", "agent", "demo-agent-2026", SEAT_ID),
    ("staff_lin", "lin", "林审计", "auditor", "demo-audit-2026", None),
    ("staff_chen", "chen", "陈主管", "supervisor", "demo-super-2026", SUPERVISOR_SEAT_ID),
    ("staff_admin", "admin", "管理员", "administrator", "demo-admin-2026", None),
)
"""(staff_id, username, name, role, password, seat_id)"""

BORROWER = PartyDraft(Role.BORROWER, "王秀兰", "11010519491231002X", "13800138000", "福建省龙岩市上杭县示范村 7 号")
LINE = Decimal("200000.00")
PRODUCT_ID = "village_credit_line"
RISK_RULES = """\
# 演示机构的风险规则：只写与默认不同的部分。演示的借款人年事已高，且同一批人会反复办理。
[age_at_maturity]
age = 80

[guarantor_age]
age = 80

[velocity_person]
cases = 1000

[velocity_phone]
cases = 1000

[exposure]
outcome = "warn"
"""
ROSTER_PEOPLE = {
    BORROWER.id_number: BORROWER.name,
    "35082319510614301X": "丁大山",
    "350823198209174138": "王大田",
    "350823197803053027": "丁秀兰",
    "350823197408115152": "田大山",
    "350823196904306164": "田秀兰",
    "350823199007127178": "丁大田",
    "350823198502213140": "王大山",
}
"""Whom the stand-in for the identity register knows."""


def demo_case(actor: Actor) -> OpenCase:
    """The demonstration's case, as the agent ``actor`` opens it."""
    return OpenCase(
        actor,
        PRODUCT_ID,
        Terms(
            Decimal("180000.00"),
            Decimal("3.85"),
            12,
            RepaymentMethod.INTEREST_FIRST,
            "购买茶苗与肥料",
            "6217000000000000000",
        ),
        (BORROWER,),
    )


def seed(db: Database, secrets: Secrets, clock: Clock) -> None:
    """Puts in what is missing; whatever is there stays as it is.

    Raises ``ConflictError`` where others live that began without it: the demonstration's passwords are public.
    """
    with db.read() as unit:
        there = {one.institution_id for one in unit.people.branches()}
        if there and INSTITUTION.institution_id not in there:
            raise ConflictError("这个数据目录里已有正式机构，不能放入演示数据", "演示请另用一个空目录：--data 目录")
    hashes = {username: secrets.hash_password(password) for _, username, _, _, password, _ in _missing(db)}
    now = clock.now()
    with db.write() as unit:
        unit.people.add_institution(INSTITUTION)
        unit.people.add_branch(BRANCH)
        there = {seat.seat_id for seat in unit.queue.seats()}
        for seat_id in SEATS.keys() - there:
            unit.queue.save_seat(Seat(seat_id, INSTITUTION.institution_id, BRANCH.branch_id, SEATS[seat_id], now))
        _add_staff(unit, hashes)
        if not unit.seals.of(INSTITUTION.institution_id):
            for seal in demo_seals(now):
                unit.seals.save(seal)
        household = Household(BORROWER.id_number, BORROWER.name, "示范村", LINE, now + timedelta(days=3 * 365))
        if not unit.risk.settings_text(INSTITUTION.institution_id):
            unit.risk.save_settings(INSTITUTION.institution_id, RISK_RULES, now)
        if unit.people.household(INSTITUTION.institution_id, BORROWER.id_number) is None:
            unit.people.save_household(INSTITUTION.institution_id, household)


def demo_seals(now: datetime) -> tuple[RegisteredSeal, RegisteredSeal]:
    house = INSTITUTION.institution_id
    first = usual_seal(house, INSTITUTION.seal_name, INSTITUTION.credit_code, now, "运营管理部")
    kind = SealKind.REPRESENTATIVE
    square = replace(first, seal_id=f"{first.seal_id}_r", kind=kind, text=INSTITUTION.representative, number="")
    return first, square


def active_accounts(db: Database) -> list[str]:
    """User names of the demonstration's accounts that could log in."""
    with db.read() as unit:
        known = {staff_id: unit.people.staff_named(username) for staff_id, username, *_ in STAFF}
    return [one.username for key, one in known.items() if one is not None and one.staff_id == key and one.active]


def _missing(db: Database) -> list[tuple[str, str, str, str, str, str | None]]:
    with db.read() as unit:
        return [row for row in STAFF if unit.people.staff_named(row[1]) is None]


def _add_staff(unit: Unit, hashes: dict[str, str]) -> None:
    for staff_id, username, name, role, _, seat_id in STAFF:
        if username in hashes:
            unit.people.save_staff(
                StaffMember(
                    staff_id,
                    username,
                    name,
                    role,
                    INSTITUTION.institution_id,
                    BRANCH.branch_id,
                    hashes[username],
                    seat_id,
                )
            )
