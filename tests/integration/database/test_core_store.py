"""What is kept for the credit system, on both databases: orders, the feed of changes, the outbox and its leases."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event

import pytest
from sqlalchemy import Engine, text

from signing.adapters.database import SqlDatabase, cases
from signing.domain import events
from signing.domain.case import Case, Ending
from signing.domain.core_state import CoreState
from signing.domain.errors import ConflictError, NotFound, SigningError
from signing.domain.party import PartyState
from signing.domain.webhook import DeliveryState
from signing.service.case_list import CaseQuery
from signing.service.commands import SYSTEM
from signing.service.core_store import CoreKey, CoreRequest, Delivery, Webhook
from signing.service.store import Changed
from tests.postgres import both_databases
from tests.unit.domain.factories import NOW, later, make_party

pytestmark = both_databases
KEY = CoreKey("ck_1", "inst_demo", "信贷系统", "d" * 64, "", NOW)
HOOK = Webhook("wh_1", "inst_demo", "https://core.example.cn/", False, NOW, "s3cret-of-the-hook")
BEGINNING = (datetime(2000, 1, 1, tzinfo=UTC), "")


@pytest.fixture(autouse=True)
def settles_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here leaves a transaction open, so that none has to wait for the feed."""
    monkeypatch.setattr(cases, "_SETTLED_ELSEWHERE", timedelta())


@pytest.fixture
def hooked(db: SqlDatabase, case: Case) -> SqlDatabase:
    """The case was there before anybody wanted to be told."""
    with db.write() as unit:
        unit.core.add_key(KEY)
        unit.core.save_webhook(HOOK)
    return db


def request(case: Case, **change: object) -> CoreRequest:
    made = CoreRequest(case.case_id, "inst_demo", "ck_1", "ref:L1", "L1", "b" * 64, NOW, b'{"link":"secret"}')
    return replace(made, **change)  # type: ignore[arg-type]


def another(db: SqlDatabase, case: Case, number: int) -> Case:
    made = replace(case, case_id=f"case_{number:03}", case_no=f"PQ-{number}", version=0)
    with db.write() as unit:
        unit.cases.add(made)
        unit.cases.append(made.case_id, events.case_opened(made), SYSTEM, NOW)
    return made


def outbox(db: SqlDatabase) -> list[Delivery]:
    with db.read() as unit:
        return unit.core.deliveries("inst_demo", list(DeliveryState), 100)[::-1]


# --- orders -----------------------------------------------------------------------------------------------------------


def test_a_use_between_a_revocation_and_its_commit_does_not_undo_it(hooked: SqlDatabase) -> None:
    """The user has read the key as valid; the revocation comes first, and its commit after the use has begun."""
    revoking = Event()

    def use() -> None:
        assert revoking.wait(60)
        with hooked.write() as unit:
            unit.core.use_key("ck_1", later(60))

    with ThreadPoolExecutor(1) as pool:
        with hooked.write() as unit:
            assert unit.core.revoke_key("ck_1", NOW)
            used = pool.submit(use)
            revoking.set()
            time.sleep(0.3)  # so that the other one is at it already
        used.result(10)
    with hooked.write() as unit:
        key = unit.core.key("ck_1")
        assert key is not None
        assert (key.revoked_at, key.last_used_at) == (NOW, None)
        assert not unit.core.revoke_key("ck_1", later(90)), "once"


def test_an_order_is_found_by_its_key_and_its_reference(hooked: SqlDatabase, case: Case, engine: Engine) -> None:
    with hooked.write() as unit:
        unit.core.add_request(request(case))
    with hooked.read() as unit:
        assert unit.core.request_by_key("inst_demo", "ref:L1") == request(case)
        assert unit.core.request_by_reference("inst_demo", "L1") == request(case)
        assert unit.core.request_by_key("inst_other", "ref:L1") is None
        assert unit.core.request_by_reference("inst_demo", "L2") is None
        assert unit.core.references([case.case_id, "case_none"]) == {case.case_id: "L1"}
    with engine.connect() as connection:
        stored = bytes(connection.execute(text("SELECT sealed FROM core_request")).scalar_one())
    assert b"secret" not in stored


@pytest.mark.parametrize("change", [{"reference": "L2"}, {"idempotency_key": "key:other"}])
def test_neither_key_nor_reference_is_used_twice(hooked: SqlDatabase, case: Case, change: dict[str, object]) -> None:
    with hooked.write() as unit:
        unit.core.add_request(request(case))
    second = another(hooked, case, 2)
    with pytest.raises(ConflictError) as refused, hooked.write() as unit:
        unit.core.add_request(request(second, **change))
    assert refused.value.code == "in_progress"
    with hooked.write() as unit:
        unit.core.add_request(request(second, reference=None, idempotency_key="key:other"))
        unit.core.add_request(request(another_in(unit, case), reference=None, idempotency_key="key:third"))


def another_in(unit: object, case: Case) -> Case:
    made = replace(case, case_id="case_in", case_no="PQ-in", version=0)
    unit.cases.add(made)  # type: ignore[attr-defined]
    return made


def test_an_order_and_its_case_are_there_together_or_not_at_all(hooked: SqlDatabase, case: Case) -> None:
    lost = replace(case, case_id="case_lost", case_no="PQ9")

    def fail() -> None:
        with hooked.write() as unit:
            unit.cases.add(lost)
            unit.core.add_request(request(lost, idempotency_key="key:lost", reference="LOST"))
            unit.cases.append(lost.case_id, events.case_opened(lost), SYSTEM, NOW)
            raise RuntimeError("the power fails")

    told = len(outbox(hooked))
    with pytest.raises(RuntimeError):
        fail()
    with hooked.read() as unit:
        assert unit.core.request_by_reference("inst_demo", "LOST") is None
        with pytest.raises(NotFound):
            unit.cases.get("case_lost")
    assert len(outbox(hooked)) == told


@pytest.mark.parametrize("state", [DeliveryState.DELIVERED, DeliveryState.DEAD])
def test_only_what_is_settled_and_old_is_swept(hooked: SqlDatabase, case: Case, state: DeliveryState) -> None:
    first, second = another(hooked, case, 1), another(hooked, case, 2)
    with hooked.write() as unit:
        for one in (first, second):
            unit.cases.append(one.case_id, events.case_ended(Ending.ABORTED, "x", ()), SYSTEM, NOW)
        told = next(one for one in unit.core.due(NOW, 10, 10) if one.case_id == first.case_id)
        assert unit.core.lease(told, "lease_1", NOW, later(60))
        assert unit.core.settle(replace(told, state=state, lease="lease_1"))
    all_told = outbox(hooked)
    with hooked.write() as unit:
        assert unit.sweeper.deliveries(NOW, 10) == 0, "not old enough"
        assert unit.sweeper.deliveries(later(1), 10) == 1
        assert unit.sweeper.deliveries(later(1), 10) == 0
    rest = [one for one in all_told if one.delivery_id != told.delivery_id]
    assert rest
    assert outbox(hooked) == rest, "what nobody was told yet stays"


def test_of_many_at_once_one_order_wins(hooked: SqlDatabase, case: Case) -> None:
    together = Barrier(6)

    def order(number: int) -> str:
        made = replace(case, case_id=f"case_{number:03}", case_no=f"PQ-{number}", version=0)
        together.wait()
        try:
            with hooked.write() as unit:
                unit.cases.add(made)
                unit.core.add_request(request(made))
        except SigningError as error:
            return error.code
        return "won"

    with ThreadPoolExecutor(6) as threads:
        ended = list(threads.map(order, range(6)))
    assert ended.count("won") == 1
    assert set(ended) <= {"won", "in_progress"}
    with hooked.read() as unit:
        found = unit.core.request_by_reference("inst_demo", "L1")
        assert found is not None
        assert sorted(one.case_id for one in unit.cases.find(CaseQuery("inst_demo"), 100)) == sorted(
            [case.case_id, found.case_id]
        )


# --- the feed ---------------------------------------------------------------------------------------------------------


def feed(
    db: SqlDatabase, after: tuple[datetime, str], state: CoreState | None = None, limit: int = 100
) -> list[Changed]:
    with db.read() as unit:
        return unit.cases.changed("inst_demo", after, state, limit)


def test_the_feed_goes_on_where_it_stopped_and_shows_a_change_again(db: SqlDatabase, case: Case) -> None:
    made = [case, *(another(db, case, number) for number in range(1, 6))]
    first = feed(db, BEGINNING, limit=4)
    assert [one.case.case_id for one in first] == [one.case_id for one in made[:4]]
    last = (first[-1].at, first[-1].case.case_id)
    rest = feed(db, last)
    assert [one.case.case_id for one in rest] == [one.case_id for one in made[4:]]
    last = (rest[-1].at, rest[-1].case.case_id)
    assert feed(db, last) == []
    with db.write() as unit:
        unit.cases.save(replace(made[0], abort_reason="不办了"))
    (again,) = feed(db, last)
    assert again.case.case_id == made[0].case_id
    with db.read() as unit:
        assert unit.cases.changed_at(made[0].case_id) == again.at
    assert [one.case.case_id for one in feed(db, BEGINNING, CoreState.ENDED)] == [made[0].case_id]
    assert len(feed(db, BEGINNING, CoreState.OPEN)) == 5


def test_cases_of_one_moment_are_all_listed(db: SqlDatabase, case: Case, engine: Engine) -> None:
    for number in range(1, 6):
        another(db, case, number)
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.execute(text("UPDATE case_file SET changed_at = (SELECT max(changed_at) FROM case_file)"))
    seen, after = [], BEGINNING
    while page := feed(db, after, limit=2):
        seen += [one.case.case_id for one in page]
        after = (page[-1].at, page[-1].case.case_id)
    assert seen == sorted(set(seen))
    assert len(seen) == 6


def test_another_institutions_changes_are_not_listed(db: SqlDatabase, case: Case) -> None:
    with db.read() as unit:
        assert unit.cases.changed("inst_other", BEGINNING, None, 10) == []


# --- the outbox -------------------------------------------------------------------------------------------------------


def test_an_event_and_what_is_told_of_it_are_one(hooked: SqlDatabase, case: Case) -> None:
    made = another(hooked, case, 1)
    (told,) = outbox(hooked)
    body = json.loads(told.body)
    assert (told.type, body["case_id"], body["state"], body["reference"]) == (
        "case.created",
        made.case_id,
        "open",
        None,
    )
    assert body["id"] == told.delivery_id

    def undone() -> None:
        with hooked.write() as unit:
            unit.cases.append(made.case_id, events.case_ended(Ending.ABORTED, "x", ()), SYSTEM, NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        undone()
    assert outbox(hooked) == [told]


def test_a_new_state_is_told_after_the_event_that_led_there(hooked: SqlDatabase, case: Case) -> None:
    signed = make_party(PartyState.SIGNED, case.parties[0].party_id)
    with hooked.write() as unit:
        unit.cases.save(replace(case, parties=(signed,)))
        unit.cases.append(case.case_id, events.party_signed(signed), SYSTEM, NOW)
    assert [one.type for one in outbox(hooked)] == ["party.signed", "case.signed"]


def test_nothing_is_told_where_nobody_wants_it(db: SqlDatabase, case: Case) -> None:
    with db.write() as unit:
        unit.core.save_webhook(replace(HOOK, removed_at=NOW))
        unit.cases.append(case.case_id, events.case_ended(Ending.ABORTED, "x", ()), SYSTEM, NOW)
    assert outbox(db) == []


def test_of_a_case_only_the_oldest_is_due(hooked: SqlDatabase, case: Case) -> None:
    first, second = another(hooked, case, 1), another(hooked, case, 2)
    with hooked.write() as unit:
        unit.cases.append(first.case_id, events.case_ended(Ending.ABORTED, "x", ()), SYSTEM, NOW)
        due = unit.core.due(NOW, 10, 10)
        assert [(one.case_id, one.type) for one in due] == [
            (first.case_id, "case.created"),
            (second.case_id, "case.created"),
        ]
        assert unit.core.due(NOW - timedelta(seconds=1), 10, 10) == []
        assert unit.core.lease(due[0], "me", NOW, later(20))
        assert [one.case_id for one in unit.core.due(NOW, 10, 10)] == [second.case_id], "its next one waits for it"
        done = replace(due[0], lease="me", state=DeliveryState.DELIVERED, tries=1, delivered_at=NOW)
        assert unit.core.settle(done)
        assert [one.type for one in unit.core.due(NOW, 10, 10)] == ["case.created", "case.ended"]


def test_no_webhook_fills_the_list_of_what_is_due(hooked: SqlDatabase, case: Case) -> None:
    for number in range(1, 13):
        another(hooked, case, number)
    with hooked.write() as unit:
        unit.core.save_webhook(replace(HOOK, webhook_id="wh_2"))
    another(hooked, case, 13)
    with hooked.read() as unit:
        due = unit.core.due(NOW, 6, 4)
        assert [one.webhook_id for one in due] == ["wh_1"] * 4 + ["wh_2"]
        assert [one.case_id for one in due] == [*(f"case_{number:03}" for number in range(1, 5)), "case_013"]
        assert [one.webhook_id for one in unit.core.due(NOW, 6, 4, ["wh_1"])] == ["wh_2"]
        assert unit.core.due(NOW, 6, 4, ["wh_1", "wh_2"]) == []


def test_a_lease_keeps_others_out_and_ends(hooked: SqlDatabase, case: Case) -> None:
    another(hooked, case, 1)
    with hooked.write() as unit:
        (due,) = unit.core.due(NOW, 10, 10)
        assert unit.core.lease(due, "first", NOW, later(20))
        assert not unit.core.lease(due, "second", later(19), later(40))
        assert unit.core.due(later(19), 10, 10) == []
        (free,) = unit.core.due(later(20), 10, 10)
        assert unit.core.lease(free, "second", later(20), later(40))
        assert not unit.core.settle(replace(due, lease="first", tries=1)), "who was too slow settles nothing"
        assert unit.core.settle(replace(free, lease="second", tries=1, next_at=later(60)))
        assert not unit.core.lease(due, "third", later(61), later(80)), "what was read before is out of date"


def test_many_replicas_at_once_lease_each_line_to_one(hooked: SqlDatabase, case: Case) -> None:
    for number in range(1, 9):
        another(hooked, case, number)
    with hooked.read() as unit:
        due = unit.core.due(NOW, 100, 100)
    together = Barrier(4)

    def replica(name: str) -> list[str]:
        together.wait()
        mine = []
        for one in due:
            with hooked.write() as unit:
                if unit.core.lease(one, name, NOW, later(20)):
                    mine.append(one.delivery_id)
        return mine

    with ThreadPoolExecutor(4) as threads:
        leased = [one for mine in threads.map(replica, "abcd") for one in mine]
    assert sorted(leased) == sorted(one.delivery_id for one in due)


def test_what_is_sent_again_begins_anew(hooked: SqlDatabase, case: Case) -> None:
    another(hooked, case, 1)
    with hooked.write() as unit:
        (due,) = unit.core.due(NOW, 10, 10)
        unit.core.lease(due, "me", NOW, later(20))
        unit.core.settle(
            replace(due, lease="me", state=DeliveryState.DEAD, tries=9, first_tried_at=NOW, last_error="x")
        )
        assert unit.core.due(later(99), 10, 10) == []
        unit.core.send_again(due.delivery_id, later(100))
        (again,) = unit.core.due(later(100), 10, 10)
        assert (again.delivery_id, again.tries, again.first_tried_at, again.last_error) == (
            due.delivery_id,
            0,
            None,
            "",
        )
        with pytest.raises(NotFound):
            unit.core.send_again("dlv_none", NOW)


def test_what_is_wanted_again_while_it_is_sent_is_due_once_that_has_ended(hooked: SqlDatabase, case: Case) -> None:
    another(hooked, case, 1)
    with hooked.write() as unit:
        (due,) = unit.core.due(NOW, 10, 10)
        assert unit.core.lease(due, "first", NOW, later(20))
        unit.core.send_again(due.delivery_id, later(1))
        unit.core.send_again(due.delivery_id, later(2))
        assert unit.core.due(later(3), 10, 10) == [], "not two at once"
        done = replace(due, lease="first", state=DeliveryState.DELIVERED, tries=1, delivered_at=later(3))
        assert not unit.core.settle(done), "what came of it does not matter any more"
        (again,) = unit.core.due(later(3), 10, 10)
        assert (again.state, again.tries, again.lease) == (DeliveryState.PENDING, 0, None)
        assert unit.core.lease(again, "second", later(3), later(23))
        assert unit.core.settle(replace(done, lease="second"))
        assert unit.core.due(later(99), 10, 10) == [], "twice wanted during one sending is once more"


def test_what_is_wanted_again_is_due_where_whoever_sent_it_has_died(hooked: SqlDatabase, case: Case) -> None:
    another(hooked, case, 1)
    with hooked.write() as unit:
        (due,) = unit.core.due(NOW, 10, 10)
        assert unit.core.lease(due, "dead", NOW, later(20))
        unit.core.send_again(due.delivery_id, later(1))
        assert unit.core.due(later(19), 10, 10) == []
        (again,) = unit.core.due(later(20), 10, 10)
        assert unit.core.lease(again, "heir", later(20), later(40))
        assert not unit.core.settle(replace(due, lease="dead")), "nor does the dead one end another's lease"
        assert unit.core.due(later(39), 10, 10) == []


def test_no_wish_to_send_again_is_lost_whatever_comes_between(hooked: SqlDatabase, case: Case) -> None:
    """Two senders and somebody who wants it again at any moment: after the last wish there is one more sending."""
    another(hooked, case, 1)
    (line,) = outbox(hooked)
    happened: list[str] = []
    wishing, sending = Event(), Barrier(3)

    def sender(name: str) -> None:
        sending.wait()
        turn = 0
        while not wishing.is_set() or outbox(hooked)[0].state is DeliveryState.PENDING:
            turn, lease = turn + 1, f"{name}{turn}"
            with hooked.write() as unit:
                due = unit.core.due(later(1), 10, 10)
                mine = [one for one in due if unit.core.lease(one, lease, later(1), later(20))]
            for one in mine:
                happened.append("begun")
                time.sleep(0.002)
                happened.append("sent")
                done = replace(one, lease=lease, state=DeliveryState.DELIVERED, tries=1, delivered_at=later(1))
                with hooked.write() as unit:
                    unit.core.settle(done)

    def wisher() -> None:
        sending.wait()
        for turn in range(60):
            with hooked.write() as unit:
                unit.core.send_again(line.delivery_id, NOW)
                happened.append("wanted")  # nobody can begin before the commit
            time.sleep(0.001 * (turn % 5))
        wishing.set()

    with ThreadPoolExecutor(3) as threads:
        for ended in [threads.submit(sender, "a"), threads.submit(sender, "b"), threads.submit(wisher)]:
            ended.result(60)
    assert "begun" in happened[len(happened) - happened[::-1].index("wanted") :]
    one_at_a_time = [one for one in happened if one != "wanted"]
    assert one_at_a_time == ["begun", "sent"] * (len(one_at_a_time) // 2)


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_a_webhooks_secret_is_sealed_and_belongs_to_it(hooked: SqlDatabase, engine: Engine) -> None:
    with hooked.read() as unit:
        assert unit.core.webhook("wh_1") == HOOK
        assert unit.core.webhooks("inst_other") == []
    other = replace(HOOK, webhook_id="wh_2", secret="another")
    with hooked.write() as unit:
        unit.core.save_webhook(other)
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        sealed = bytes(connection.execute(text("SELECT sealed FROM webhook WHERE webhook_id = 'wh_1'")).scalar_one())
        assert b"s3cret" not in sealed
        connection.execute(text("UPDATE webhook SET sealed = :sealed WHERE webhook_id = 'wh_2'"), {"sealed": sealed})
    with hooked.read() as unit:
        assert unit.core.webhook("wh_2") == replace(other, secret=None), "its own cannot be opened"
        assert unit.core.webhooks() == [HOOK, replace(other, secret=None)], "which hides no other"
    with hooked.write() as unit:
        assert unit.core.remove_webhook("wh_2", later(1))
        assert not unit.core.remove_webhook("wh_2", later(2)), "once"
        assert unit.core.webhook("wh_2").removed_at == later(1)
