"""Cases found by who is in them, by agent, number, product and day; page by page; on both databases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text

from signing.adapters import demo_data
from signing.adapters.database import SqlDatabase
from signing.adapters.database.backfill import UNREADABLE, fill_index
from signing.adapters.database.schema import case as cases
from signing.adapters.database.search_schema import case_agent, party_index
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import Keyring
from signing.domain.beijing import BEIJING
from signing.domain.call import Call
from signing.domain.case import Case
from signing.domain.searching import Kind, Term
from signing.domain.seat import Seat
from signing.service.case_list import CaseQuery, ListPlace
from signing.service.store import StaffMember
from tests.postgres import both_databases
from tests.unit.domain.factories import NOW, make_case

DEMO = "inst_demo"


def person(number: int) -> tuple[str, str, str]:
    """Name, identity number, phone."""
    return f"王{'甲乙丙丁戊己庚辛壬癸'[number % 10]}", f"{110105194912310000 + number}", f"1380013{number:04}"


def make(number: int, at: datetime = NOW, **changes: object) -> Case:
    first, made = person(number), make_case()
    party = replace(made.parties[0], party_id=f"party_{number}", name=first[0], id_number=first[1], phone=first[2])
    day = f"{at.astimezone(BEIJING):%Y%m%d}"
    made = replace(
        made,
        case_id=f"case_{number:04}",
        case_no=f"PQ{day}{number:04}",
        institution_id=DEMO,
        branch_id="branch_shanghang",
        opened_at=at,
        parties=(party,),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def add(db: SqlDatabase, made: Sequence[Case]) -> None:
    with db.write() as unit:
        for one in made:
            unit.cases.add(one)


def found(db: SqlDatabase, query: CaseQuery, limit: int = 50, after: ListPlace | None = None) -> list[str]:
    with db.read() as unit:
        return [case.case_id for case in unit.cases.find(query, limit, after)]


def by(*terms: Term) -> CaseQuery:
    return CaseQuery(DEMO, tuple((term,) for term in terms))


@both_databases
class TestFinding:
    def test_by_identity_number_phone_and_name_each_whole(self, db: SqlDatabase) -> None:
        add(db, [make(number) for number in range(12)])
        name, id_number, phone = person(3)
        assert found(db, by(Term(Kind.ID_NUMBER, id_number))) == ["case_0003"]
        assert found(db, by(Term(Kind.PHONE, phone))) == ["case_0003"]
        assert found(db, by(Term(Kind.NAME, person(1)[0]))) == ["case_0011", "case_0001"]
        for part in (Term(Kind.ID_NUMBER, id_number[:-1]), Term(Kind.PHONE, phone[1:]), Term(Kind.NAME, name[:1])):
            assert found(db, by(part)) == []

    def test_a_phone_is_no_identity_number(self, db: SqlDatabase) -> None:
        add(db, [make(1)])
        assert found(db, by(Term(Kind.ID_NUMBER, person(1)[2]))) == []

    def test_nothing_of_another_institution(self, db: SqlDatabase) -> None:
        with db.write() as unit:
            unit.people.add_institution(replace(demo_data.INSTITUTION, institution_id="inst_other"))
        add(db, [make(1), make(2, institution_id="inst_other")])
        name = Term(Kind.NAME, person(2)[0])
        assert found(db, CaseQuery("inst_other")) == ["case_0002"]
        assert found(db, by(name)) == []
        assert found(db, CaseQuery("inst_other", ((name,),))) == ["case_0002"]
        assert found(db, CaseQuery(None, ((name,),))) == ["case_0002"]
        assert found(db, CaseQuery(None)) == ["case_0002", "case_0001"]

    def test_a_changed_party_is_found_by_what_is_true_now(self, db: SqlDatabase) -> None:
        add(db, [made := make(1)])
        party = replace(made.parties[0], phone="13911112222", name="李四")
        with db.write() as unit:
            unit.cases.save(replace(made, parties=(party,)))
        assert found(db, by(Term(Kind.PHONE, "13911112222"))) == ["case_0001"]
        assert found(db, by(Term(Kind.NAME, "李四"))) == ["case_0001"]
        assert found(db, by(Term(Kind.PHONE, person(1)[2]))) == []
        assert found(db, by(Term(Kind.NAME, person(1)[0]))) == []
        with db.write() as unit:
            unit.cases.save(replace(made, version=1, parties=()))
        assert found(db, by(Term(Kind.PHONE, "13911112222"))) == []

    def test_a_case_of_two_with_the_same_phone_is_found_once(self, db: SqlDatabase) -> None:
        made = make(1)
        spouse = replace(made.parties[0], party_id="party_spouse", name="王配偶")
        add(db, [replace(made, parties=(made.parties[0], spouse))])
        assert found(db, by(Term(Kind.PHONE, person(1)[2]))) == ["case_0001"]
        with db.read() as unit:
            assert unit.cases.count(by(Term(Kind.PHONE, person(1)[2])), 100) == 1

    @pytest.mark.parametrize(
        ("prefix", "numbers"),
        [
            ("PQ202611250002", [2]),
            ("PQ20261125", [3, 2]),
            ("PQ2026112500", [3, 2]),
            ("PQ202611", [3, 2, 1]),
            ("PQ2027", []),
            ("PQ2026112500029", []),
        ],
    )
    def test_by_the_beginning_of_the_case_number(self, db: SqlDatabase, prefix: str, numbers: list[int]) -> None:
        day = datetime(2026, 11, 24, 9, 0, tzinfo=BEIJING)
        add(db, [make(0, day - timedelta(days=40)), make(1, day), make(2, day + timedelta(days=1))])
        add(db, [make(3, day + timedelta(days=1, hours=2))])
        wanted = [f"case_{number:04}" for number in numbers]
        assert found(db, by(Term(Kind.CASE_NO, prefix))) == wanted
        assert found(db, CaseQuery(None, ((Term(Kind.CASE_NO, prefix),),))) == wanted

    def test_by_product_and_day(self, db: SqlDatabase) -> None:
        add(db, [make(number, NOW + timedelta(days=number), product_id=f"product_{number % 2}") for number in range(8)])
        assert found(db, by(Term(Kind.PRODUCT, "product_1"))) == [f"case_{n:04}" for n in (7, 5, 3, 1)]
        days = CaseQuery(DEMO, (), NOW + timedelta(days=2), NOW + timedelta(days=4))
        assert found(db, days) == ["case_0003", "case_0002"]
        both = replace(days, groups=((Term(Kind.PRODUCT, "product_1"),),))
        assert found(db, both) == ["case_0003"]

    def test_by_agent_who_has_talked(self, db: SqlDatabase) -> None:
        add(db, [make(number) for number in range(3)])
        _staff(db)
        with db.write() as unit:
            for number, staff_id in ((0, "staff_a"), (1, "staff_a"), (1, "staff_b")):
                call_id = f"call_{number}_{staff_id}"
                unit.queue.save_call(Call(call_id, f"case_{number:04}", "seat_1", staff_id, "张", NOW))
        assert found(db, by(Term(Kind.AGENT, "staff_a"))) == ["case_0001", "case_0000"]
        assert found(db, by(Term(Kind.AGENT, "staff_b"))) == ["case_0001"]
        assert found(db, by(Term(Kind.AGENT, "staff_a"), Term(Kind.AGENT, "staff_b"))) == ["case_0001"]

    def test_two_people_of_one_case_narrow_each_other(self, db: SqlDatabase) -> None:
        made = make(1)
        spouse = replace(made.parties[0], party_id="party_spouse", name="王配偶", phone="13911112222")
        add(db, [replace(made, parties=(made.parties[0], spouse)), make(11)])
        first, second = Term(Kind.NAME, person(1)[0]), Term(Kind.PHONE, "13911112222")
        assert found(db, by(first)) == ["case_0011", "case_0001"]
        assert found(db, by(first, second)) == found(db, by(second, first)) == ["case_0001"]

    def test_a_word_of_several_meanings_gives_one_list(self, db: SqlDatabase) -> None:
        add(
            db, [make(number, NOW + timedelta(hours=number), product_id=f"product_{number % 3}") for number in range(9)]
        )
        query = CaseQuery(DEMO, ((Term(Kind.NAME, person(4)[0]), Term(Kind.PRODUCT, "product_2")),))
        assert found(db, query) == [f"case_{n:04}" for n in (8, 5, 4, 2)]
        assert found(db, query, 2) == ["case_0008", "case_0005"]
        with db.read() as unit:
            assert unit.cases.count(query, 100) == 4
            assert unit.cases.count(query, 3) == 3

    @pytest.mark.parametrize("term", [None, Term(Kind.PRODUCT, "product_0"), Term(Kind.NAME, "同名")])
    def test_pages_give_each_case_once_in_order(self, db: SqlDatabase, term: Term | None) -> None:
        """Several of them opened in the same moment."""
        made = [make(n, NOW + timedelta(minutes=n // 4), product_id="product_0") for n in range(23)]
        add(db, [replace(one, parties=(replace(one.parties[0], name="同名"),)) for one in made])
        query, seen, place = CaseQuery(DEMO, ((term,),) if term else ()), list[str](), None
        while True:
            with db.read() as unit:
                page = unit.cases.find(query, 5, place)
            if not page:
                break
            seen += [case.case_id for case in page]
            place = ListPlace(page[-1].opened_at, page[-1].case_id)
        assert seen == [f"case_{n:04}" for n in reversed(range(23))]

    def test_a_count_stops_where_it_is_told_to(self, db: SqlDatabase) -> None:
        add(db, [make(number) for number in range(7)])
        with db.read() as unit:
            assert unit.cases.count(CaseQuery(DEMO), 100) == 7
            assert unit.cases.count(CaseQuery(DEMO), 5) == 5

    def test_cases_of_before_are_indexed_at_the_next_start(
        self, db: SqlDatabase, engine: Engine, keyring: Keyring
    ) -> None:
        add(db, [make(number) for number in range(450)])
        with engine.begin() as connection:
            connection.execute(party_index.delete())
            connection.execute(cases.update().values(index_version=0))
            connection.execute(cases.update().where(cases.c.case_id == "case_0007").values(sealed=b"damaged"))
        assert found(db, by(Term(Kind.PHONE, person(3)[2]))) == []
        keys = CaseKeys(engine, keyring)
        assert fill_index(engine, keys) == 450
        assert fill_index(engine, keys) == 0
        assert found(db, by(Term(Kind.PHONE, person(3)[2]))) == ["case_0003"]
        with engine.begin() as connection:
            bad = select(cases.c.case_id).where(cases.c.index_version == UNREADABLE)
            assert connection.execute(bad).scalars().all() == ["case_0007"]

    @pytest.mark.parametrize("lost", ["UPDATE data_key SET kek_id = 'destroyed'", "DELETE FROM data_key"])
    def test_one_old_case_without_its_key_stops_no_start(
        self, db: SqlDatabase, engine: Engine, keyring: Keyring, lost: str
    ) -> None:
        add(db, [make(number) for number in range(3)])
        with engine.begin() as connection:
            connection.execute(party_index.delete())
            connection.execute(cases.update().values(index_version=0))
            connection.execute(text(f"{lost} WHERE case_id = 'case_0001'"))
        assert fill_index(engine, CaseKeys(engine, keyring)) == 3
        assert found(db, by(Term(Kind.PHONE, person(2)[2]))) == ["case_0002"]
        with engine.connect() as connection:
            bad = select(cases.c.case_id).where(cases.c.index_version == UNREADABLE)
            assert connection.execute(bad).scalars().all() == ["case_0001"]

    def test_the_index_holds_digests_only(self, db: SqlDatabase, engine: Engine) -> None:
        add(db, [make(1)])
        with engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(select(party_index)).mappings()]
        assert {row["kind"] for row in rows} == {"id_number", "phone", "name"}
        assert len({row["key_hash"] for row in rows}) == 3
        for secret in person(1):
            assert secret not in repr(rows)


def _staff(db: SqlDatabase) -> None:
    with db.write() as unit:
        unit.queue.save_seat(Seat("seat_1", DEMO, "branch_shanghang", "01号席", NOW))
        for staff_id in ("staff_a", "staff_b"):
            unit.people.save_staff(
                StaffMember(staff_id, staff_id, "张", "agent", DEMO, "branch_shanghang", "hash", "seat_1")
            )


def test_no_page_is_sorted_and_no_search_scans(db: SqlDatabase, engine: Engine) -> None:
    """What SQLite says it will do: an index that has the order, no temporary tree for it."""
    from signing.adapters.database import finding

    add(db, [make(number) for number in range(30)])
    with db.read() as unit:
        keys = unit.cases._keys  # type: ignore[attr-defined]
    for query in (
        CaseQuery(DEMO),
        CaseQuery(DEMO, (), NOW, NOW + timedelta(days=1)),
        by(Term(Kind.NAME, "王甲")),
        by(Term(Kind.AGENT, "staff_a")),
        by(Term(Kind.PRODUCT, "product_1")),
        by(Term(Kind.CASE_NO, "PQ20261124")),
    ):
        for after in (None, ListPlace(NOW, "case_0003")):
            plan = _plan(engine, finding._statements(keys, query, after))
            assert "USE TEMP B-TREE" not in plan, plan
            assert "SCAN party_index" not in plan, plan
            assert "SCAN case_agent" not in plan, plan
            assert "SCAN case_file" not in plan, plan
    assert case_agent.c.staff_id is not None


def test_a_number_is_looked_up_and_the_list_not_walked(db: SqlDatabase, engine: Engine) -> None:
    from signing.adapters.database import finding

    with db.read() as unit:
        keys = unit.cases._keys  # type: ignore[attr-defined]
    plan = _plan(engine, finding._statements(keys, by(Term(Kind.CASE_NO, "PQ202611240003")), None))
    assert "ix_case_file_listed" not in plan, plan
    assert "case_no>?" in plan, plan


def _plan(engine: Engine, statements: object) -> str:
    lines = []
    for statement in statements:  # type: ignore[attr-defined]
        compiled = statement.limit(50).compile(engine, compile_kwargs={"literal_binds": True})
        with engine.connect() as connection:
            lines += [str(row[3]) for row in connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))]
    return "\n".join(lines)
