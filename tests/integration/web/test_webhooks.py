"""Webhooks to a real receiver that fails, hangs, dies, comes back; nothing lost, nothing out of order."""

import asyncio
import signal
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from signing.adapters import demo_data
from signing.adapters.database import SqlDatabase
from signing.adapters.webhook_sender import HttpWebhookSender
from signing.bootstrap import build, seed_demo
from signing.cli import main
from signing.config import Settings
from signing.domain import events
from signing.domain.errors import ConflictError, InputError
from signing.domain.webhook import DeliveryState, signature_holds
from signing.service.commands import SYSTEM
from signing.service.core_commands import AddWebhook, IssuedWebhook, RemoveWebhook, SendAgain
from signing.service.core_store import Delivery
from signing.service.deliveries import DeliveryWorker
from signing.web import tls
from tests.integration.service.office import SteppedClock
from tests.integration.web.core import CASES, INSTITUTION, created, issue, issue_offline, order
from tests.integration.web.receiver import Receiver, Taken, receiving, wait_until
from tests.integration.web.running import SECRETS, Running, running
from tests.integration.web.test_serve import serving
from tests.unit.domain.factories import NOW, make_case


@asynccontextmanager
async def told(
    data: Path, receiver: Receiver, clock: SteppedClock, seconds: float = 10
) -> AsyncIterator[tuple[Running, httpx.AsyncClient]]:
    """A service whose institution tells ``receiver``, and the credit system's client. ``seconds``: its patience, which
    a busy machine must not use up where the clock stands still: the next try would never come."""
    async with running(data, clock=clock, webhook_sender=HttpWebhookSender(seconds=seconds)) as service:
        await hook(service, receiver.url)
        async with service.client((await issue(service)).key) as http:
            yield service, http


async def hook(service: Running, url: str, *, private: bool = True) -> IssuedWebhook:
    issued = await service.web.execute(AddWebhook(SYSTEM, INSTITUTION, url, private))
    assert isinstance(issued, IssuedWebhook)
    return issued


async def until(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    await asyncio.to_thread(wait_until, condition, seconds, what)


def outbox(service: Running, *states: DeliveryState) -> list[Delivery]:
    """Oldest first."""
    with service.web.services.db.read() as unit:
        return unit.core.deliveries(None, states or list(DeliveryState), 1000)[::-1]


async def cancelled(http: httpx.AsyncClient, case_id: str) -> None:
    assert (await http.post(f"{CASES}/{case_id}/cancel", json={"reason": "客户王秀兰另择贷款"})).status_code == 200


async def test_what_is_told_is_signed_ordered_and_impersonal(tmp_path: Path) -> None:
    with receiving(Receiver()) as receiver:
        async with running(tmp_path / "data") as service:
            secret = (await hook(service, receiver.url)).secret
            async with service.client((await issue(service)).key) as http:
                opened = await created(http, "LOAN-1")
                await cancelled(http, opened["case_id"])
            await until(lambda: len(receiver.taken) == 2, "two events")
            await until(lambda: not outbox(service, DeliveryState.PENDING), "both on record as delivered")
    first, second = receiver.taken
    assert (first.type, second.type) == ("case.created", "case.ended")
    for taken in receiver.taken:
        assert signature_holds(taken.signature, secret, datetime.now(UTC), taken.delivery_id, taken.body)
        assert taken.told["id"] == taken.delivery_id
        assert taken.told["type"] == taken.type
        assert set(taken.told) == {
            "id", "type", "at", "institution_id", "case_id", "case_no", "reference", "state", "reason", "party_id",
        }  # fmt: skip
        assert not any(secret.encode() in taken.body for secret in (*SECRETS, "另择贷款"))
    assert (first.told["case_id"], first.told["reference"], first.told["state"]) == (
        opened["case_id"],
        "LOAN-1",
        "open",
    )
    assert (second.told["state"], second.told["reason"]) == ("ended", "withdrawn")


async def test_a_failing_receiver_gets_it_again_in_the_order_of_each_case(tmp_path: Path) -> None:
    clock, failing = SteppedClock(), defaultdict[str, int](int)
    stuck = ""

    def behave(taken: Taken) -> str:
        failing[taken.told["reference"]] += 1
        return "503" if taken.told["reference"] == stuck and failing[stuck] <= 3 else "ok"

    with receiving(Receiver(behave=behave)) as receiver:
        async with told(tmp_path / "data", receiver, clock) as (service, http):
            stuck = "LOAN-STUCK"
            opened = await created(http, stuck)
            await cancelled(http, opened["case_id"])
            await created(http, "LOAN-FREE")
            await until(lambda: "LOAN-FREE" in failing, "another case does not wait for it")
            await until(lambda: outbox(service)[0].tries == 1, "the failure is on record")
            failed, waiting = outbox(service)[:2]
            assert failed.last_error == "对方回答 503"
            assert failed.next_at > failed.first_tried_at  # type: ignore[operator]
            assert (waiting.type, waiting.tries) == ("case.ended", 0)
            for tries in (2, 3, 4):
                clock.pass_by(seconds=60)
                await until(lambda wanted=tries: outbox(service)[0].tries == wanted, "tried again")  # type: ignore[misc]
            await until(lambda: not outbox(service, DeliveryState.PENDING), "all delivered")
    of_stuck = [taken for taken in receiver.taken if taken.told["reference"] == stuck]
    assert [taken.type for taken in of_stuck] == ["case.created"] * 4 + ["case.ended"]
    assert len({taken.delivery_id for taken in of_stuck[:4]}) == 1, "a repetition keeps its identifier"
    assert len({taken.signature for taken in of_stuck[:4]}) == 4, "and is signed anew, so that it is not too old"


@pytest.mark.parametrize(
    ("how", "words"),
    [("hang", "0.5 秒内没有回应"), ("die", "连接中断"), ("redirect", "没有跟随"), ("404", "对方回答 404")],
)
async def test_a_receiver_that_misbehaves(tmp_path: Path, how: str, words: str) -> None:
    clock = SteppedClock()
    with receiving(Receiver(behave=lambda taken: how)) as receiver:
        patience = 0.5 if how == "hang" else 10
        async with told(tmp_path / "data", receiver, clock, patience) as (service, http):
            await created(http, "LOAN-1")
            await until(lambda: outbox(service)[0].last_error, "the failure is on record")
            assert words in outbox(service)[0].last_error
            assert "followed" not in receiver.types
            receiver.behave = lambda taken: "ok"
            clock.pass_by(seconds=60)
            await until(lambda: outbox(service, DeliveryState.DELIVERED), "delivered in the end")


async def test_an_endless_answer_costs_nothing(tmp_path: Path) -> None:
    with receiving(Receiver(behave=lambda taken: "flood")) as receiver:
        async with told(tmp_path / "data", receiver, SteppedClock()) as (service, http):
            await created(http, "LOAN-1")
            await until(lambda: outbox(service, DeliveryState.DELIVERED), "the status was enough")


async def test_nobody_there_at_first(tmp_path: Path) -> None:
    clock, receiver = SteppedClock(), Receiver()
    with receiving(receiver):
        pass
    async with told(tmp_path / "data", receiver, clock) as (service, http):
        await created(http, "LOAN-1")
        await until(lambda: "连接不上" in outbox(service)[0].last_error, "nobody answers")
        with receiving(receiver):
            clock.pass_by(seconds=60)
            await until(lambda: receiver.types == ["case.created"], "delivered once somebody is there")


async def test_one_receiver_that_hangs_leaves_room_for_another(tmp_path: Path) -> None:
    with receiving(Receiver(behave=lambda taken: "hang")) as hanging, receiving(Receiver()) as good:
        sender = HttpWebhookSender(seconds=20)
        async with running(tmp_path / "data", webhook_sender=sender) as service:
            await hook(service, hanging.url)
            await hook(service, good.url)
            async with service.client((await issue(service)).key) as http:
                for number in range(6):
                    await created(http, f"LOAN-{number}")
                await until(lambda: len(good.taken) == 6, "all six, in spite of the other")
            assert len(hanging.taken) == 4, "no more at once than its share"


async def test_four_receivers_that_hang_leave_room_for_a_fifth(tmp_path: Path) -> None:
    with receiving(Receiver(behave=lambda taken: "hang")) as hanging, receiving(Receiver()) as good:
        async with running(tmp_path / "data", webhook_sender=HttpWebhookSender(seconds=20)) as service:
            for number in range(4):
                await hook(service, f"{hanging.url}/{number}")
            await asyncio.to_thread(many_cases, service, 8)
            await until(lambda: len(hanging.taken) >= 8, "half of the places")
            await hook(service, good.url)
            async with service.client((await issue(service)).key) as http:
                await created(http, "LOAN-GOOD")
            await until(lambda: len(good.taken) == 1, "the good one, within a round", 10)
            assert {taken.path for taken in hanging.taken} == {f"/hook/{number}" for number in range(4)}
            assert len(hanging.taken) < 16


async def test_who_did_not_answer_is_asked_one_at_a_time_until_it_does(tmp_path: Path) -> None:
    clock = SteppedClock()
    with receiving(Receiver(behave=lambda taken: "500")) as receiver:
        async with running(tmp_path / "data", clock=clock, webhook_sender=HttpWebhookSender()) as service:
            await hook(service, receiver.url)
            await asyncio.to_thread(many_cases, service, 8)
            await until(lambda: all(one.tries for one in outbox(service)), "all were tried")
            receiver.behave = lambda taken: "hang"
            before = len(receiver.taken)
            clock.pass_by(seconds=60)
            await until(lambda: len(receiver.taken) > before, "one is")
            await asyncio.sleep(2.5)  # in which it would have been looked for more
            assert len(receiver.taken) == before + 1
            receiver.behave = lambda taken: "ok"
            receiver.released.set()
            clock.pass_by(seconds=60)
            await until(lambda: not outbox(service, DeliveryState.PENDING), "all, once it answers")


def many_cases(service: Running, number: int) -> None:
    """Opened at once, each told to every webhook that is there."""
    with service.web.services.db.write() as unit:
        for one in range(number):
            made = replace(make_case(), case_id=f"case_{one:03}", case_no=f"PQ-{one}", institution_id=INSTITUTION)
            unit.cases.add(made := replace(made, branch_id=demo_data.BRANCH.branch_id))
            unit.cases.append(made.case_id, events.case_opened(made), SYSTEM, NOW)


async def test_a_long_row_for_one_that_hangs_does_not_starve_another(tmp_path: Path) -> None:
    """Two hundred are due to it, all before the only one to the other."""
    with receiving(Receiver(behave=lambda taken: "hang")) as hanging, receiving(Receiver()) as good:
        async with running(tmp_path / "data", webhook_sender=HttpWebhookSender(seconds=20)) as service:
            await hook(service, hanging.url)
            async with service.client((await issue(service)).key) as http:
                await asyncio.to_thread(many_cases, service, 200)
                await hook(service, good.url)
                await created(http, "LOAN-GOOD")
            await until(lambda: len(good.taken) == 1, "the good one, within a round", 5)
            assert len(outbox(service, DeliveryState.PENDING)) >= 200


class _Broken(HttpWebhookSender):
    """Fails as no receiver makes it fail."""

    async def send(self, url: str, body: bytes, headers: Mapping[str, str], *, private: bool) -> None:
        if url.endswith("/broken"):
            raise ZeroDivisionError
        await super().send(url, body, headers, private=private)


async def test_what_breaks_within_counts_as_a_failure_and_stops_nobody(tmp_path: Path) -> None:
    with receiving(Receiver()) as good:
        async with running(tmp_path / "data", webhook_sender=_Broken()) as service:
            await hook(service, f"{good.url}/broken")
            sealed = await hook(service, f"{good.url}/altered")
            await hook(service, good.url)
            db = service.web.services.db
            assert isinstance(db, SqlDatabase)
            with db._engine.connect().execution_options(write=True) as connection, connection.begin():
                altered = {"id": sealed.webhook_id}
                connection.execute(text("UPDATE webhook SET sealed = x'00' WHERE webhook_id = :id"), altered)
            async with service.client((await issue(service)).key) as http:
                await created(http, "LOAN-1")
            await until(lambda: len(good.taken) == 1, "the one that is well")
            await until(lambda: len(outbox(service, DeliveryState.PENDING)) == 2, "settled")
            await until(lambda: all(one.tries == 1 for one in outbox(service)), "all counted")
            broken, altered_one, well = outbox(service)
            assert "ZeroDivisionError" in broken.last_error
            assert "打不开这个回调地址的验签密钥" in altered_one.last_error
            with pytest.raises(ConflictError, match="打不开") as refused:
                await service.web.execute(SendAgain(SYSTEM, altered_one.delivery_id))
            assert "停用后重新登记" in refused.value.hint
            assert well.state is DeliveryState.DELIVERED
            assert min(broken.next_at, altered_one.next_at) > broken.at
            assert broken.lease is None is altered_one.lease


# --- where it must not go ---------------------------------------------------------------------------------------------


async def test_addresses_inside_are_refused_unless_the_administrator_allows_them(tmp_path: Path) -> None:
    with receiving(Receiver()) as receiver:
        async with running(tmp_path / "data") as service:
            for url in (f"https://localhost:{receiver.port}/a", f"https://127.0.0.1:{receiver.port}/b",
                        f"https://[::ffff:127.0.0.1]:{receiver.port}/c"):  # fmt: skip
                await hook(service, url, private=False)
            async with service.client((await issue(service)).key) as http:
                await created(http, "LOAN-1")
            await until(lambda: all(one.last_error for one in outbox(service)), "all three tried")
            assert {one.last_error[:8] for one in outbox(service)} == {"地址在内网或保留"}
        assert receiver.taken == []


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://core.example.cn/", False), ("ftp://core.example.cn/", True), ("https://", True),
        ("core.example", True),
        ("https://user:pw@core.example.cn/", True), ("https://core.example.cn/#x", True), ("https://[::1/", True),
        ("https://core.example.cn:99999/", True), ("https://例子.cn/", True), ("https://a b/", True),
        ("https://core.example.cn/" + "a" * 1000, True), ("file:///etc/passwd", True),
    ],
)  # fmt: skip
async def test_what_is_no_address_for_a_webhook(tmp_path: Path, url: str, private: bool) -> None:
    app = build(Settings(tmp_path / "data", demo=True))
    seed_demo(app)
    with pytest.raises(InputError):
        await app.bus.execute(AddWebhook(SYSTEM, INSTITUTION, url, private))
    await app.close()


async def test_a_certificate_is_checked_against_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = tls.ensure(tmp_path / "tls", tmp_path / "ca.pem", ["localhost"], datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    with receiving(Receiver(), context) as receiver:
        target = f"https://localhost:{receiver.port}/hook"
        for trusted, expected in ((False, "证书不被信任"), (True, "")):
            if trusted:
                monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
            sender, clock = HttpWebhookSender(), SteppedClock()
            async with running(tmp_path / f"data-{trusted}", clock=clock, webhook_sender=sender) as service:
                await hook(service, target)
                async with service.client((await issue(service)).key) as http:
                    await created(http, "LOAN-1")
                await until(lambda: outbox(service)[0].tries, "tried")
                assert expected in outbox(service)[0].last_error
                assert bool(outbox(service)[0].last_error) == (not trusted)
        assert receiver.types == ["case.created"]
        assert receiver.taken[0].headers["host"] == f"localhost:{receiver.port}"


# --- giving up and telling again --------------------------------------------------------------------------------------


async def test_after_three_days_it_is_given_up_listed_and_can_be_sent_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock, data = SteppedClock(), tmp_path / "data"
    with receiving(Receiver(behave=lambda taken: "500")) as receiver:
        async with told(data, receiver, clock) as (service, http):
            opened = await created(http, "LOAN-1")
            await until(lambda: outbox(service)[0].tries == 1, "tried once")
            await cancelled(http, opened["case_id"])
            clock.pass_by(days=3)
            await until(lambda: outbox(service, DeliveryState.DEAD), "given up")
            (dead,) = outbox(service, DeliveryState.DEAD)
            assert (dead.type, dead.tries) == ("case.created", 2)
            receiver.behave = lambda taken: "ok"
            clock.pass_by(seconds=60)
            await until(lambda: receiver.types[-1] == "case.ended", "the next one is held up no longer")
            capsys.readouterr()
            assert await asyncio.to_thread(main, ["webhooks", "list", "--data", str(data)]) == 0
            listed = capsys.readouterr().out
            assert f"{dead.delivery_id}\t已放弃\tcase.created\t{opened['case_id']}" in listed
            assert "试过 2 次：对方回答 500" in listed
            await until(lambda: not outbox(service, DeliveryState.PENDING), "nothing under way")
            await service.web.execute(SendAgain(SYSTEM, dead.delivery_id))
            await until(lambda: receiver.taken[-1].delivery_id == dead.delivery_id, "sent again, by the same name")
            await until(lambda: not outbox(service, DeliveryState.PENDING, DeliveryState.DEAD), "settled")
            await service.web.execute(SendAgain(SYSTEM, dead.delivery_id))
            await until(lambda: len(receiver.taken) == 5, "also what had been delivered")


async def test_what_is_wanted_again_while_it_is_sent_is_sent_once_more_after_it(tmp_path: Path) -> None:
    """Its first sending hangs; two wishes come meanwhile, then a third while the second sending hangs."""
    with receiving(Receiver(behave=lambda taken: "hang")) as receiver:
        async with running(tmp_path / "data", webhook_sender=HttpWebhookSender(seconds=6)) as service:
            await hook(service, receiver.url)
            async with service.client((await issue(service)).key) as http:
                await created(http, "LOAN-1")
            (line,) = outbox(service)
            for sending in (1, 2):
                await until(lambda wanted=sending: len(receiver.taken) == wanted, "under way")  # type: ignore[misc]
                for _ in range(2):
                    await service.web.execute(SendAgain(SYSTEM, line.delivery_id))
                await asyncio.sleep(1.2)  # in which it is looked for what is due
                assert len(receiver.taken) == sending, "not two at once"
            receiver.behave = lambda taken: "ok"
            await until(lambda: not outbox(service, DeliveryState.PENDING), "settled")
    assert [taken.delivery_id for taken in receiver.taken] == [line.delivery_id] * 3


async def test_what_waits_for_its_turn_needs_no_second_wish(tmp_path: Path) -> None:
    with receiving(Receiver(behave=lambda taken: "500")) as receiver:
        async with told(tmp_path / "data", receiver, SteppedClock()) as (service, http):
            opened = await created(http, "LOAN-1")
            await until(lambda: outbox(service)[0].tries == 1, "tried")
            await cancelled(http, opened["case_id"])
            with pytest.raises(ConflictError, match="还在等候发送"):
                await service.web.execute(SendAgain(SYSTEM, outbox(service)[1].delivery_id))


async def test_a_removed_webhook_is_told_nothing_more(tmp_path: Path) -> None:
    clock = SteppedClock()
    with receiving(Receiver(behave=lambda taken: "500")) as receiver:
        async with told(tmp_path / "data", receiver, clock) as (service, http):
            await created(http, "LOAN-1")
            await until(lambda: outbox(service)[0].tries == 1, "tried")
            await service.web.execute(RemoveWebhook(SYSTEM, outbox(service)[0].webhook_id))
            await created(http, "LOAN-2")
            clock.pass_by(seconds=60)
            await until(lambda: outbox(service, DeliveryState.DEAD), "given up")
            assert [one.last_error for one in outbox(service)] == ["回调地址已停用"]
            with pytest.raises(ConflictError, match="已停用"):
                await service.web.execute(SendAgain(SYSTEM, outbox(service)[0].delivery_id))
        assert len(receiver.taken) == 1


# --- several replicas, and death --------------------------------------------------------------------------------------


async def test_several_workers_deliver_each_once_and_in_order(tmp_path: Path) -> None:
    with receiving(Receiver()) as receiver:
        async with told(tmp_path / "data", receiver, SteppedClock()) as (service, http):
            others = [DeliveryWorker(service.web.bus, HttpWebhookSender()) for _ in range(3)]
            for worker in others:
                worker.start()
            opened = await asyncio.gather(*(created(http, f"LOAN-{number}") for number in range(5)))
            await asyncio.gather(*(cancelled(http, one["case_id"]) for one in opened))
            await until(lambda: not outbox(service, DeliveryState.PENDING), "all delivered", 30)
            for worker in others:
                await worker.close()
    assert len(receiver.taken) == 10
    assert len({taken.delivery_id for taken in receiver.taken}) == 10, "none twice"
    for one in opened:
        mine = [taken.type for taken in receiver.taken if taken.told["case_id"] == one["case_id"]]
        assert mine == ["case.created", "case.ended"]


@pytest.mark.timeout(480)
def test_killed_between_commit_and_delivery_nothing_is_lost(tmp_path: Path) -> None:
    """Twice: with a receiver that is not there yet, and in the middle of telling one that hangs."""
    data, receiver = tmp_path / "data", Receiver()
    with receiving(receiver):
        pass  # a free port, where nobody listens
    app = build(Settings(data, demo=True))
    seed_demo(app)
    key = issue_offline(app).key
    asyncio.run(app.bus.execute(AddWebhook(SYSTEM, INSTITUTION, receiver.url, True)))
    asyncio.run(app.close())
    headers = {"Authorization": f"Bearer {key}"}
    with serving(data, "--demo") as (url, process):
        first = httpx.post(url + CASES, json=order("LOAN-1"), headers=headers, timeout=120)
        process.send_signal(signal.SIGKILL)
        process.wait(120)
    assert first.status_code == 201
    receiver.behave = lambda taken: "hang" if taken.told["reference"] == "LOAN-2" else "ok"
    with receiving(receiver):
        with serving(data, "--demo") as (url, process):
            wait_until(lambda: receiver.taken, 40, "told after the restart")
            second = httpx.post(url + CASES, json=order("LOAN-2"), headers=headers, timeout=120)
            wait_until(lambda: len(receiver.taken) == 2, 20, "being told")
            process.send_signal(signal.SIGKILL)
            process.wait(120)
        receiver.behave = lambda taken: "ok"
        with serving(data, "--demo"):
            wait_until(lambda: len(receiver.taken) == 3, 60, "told again once the lease is over")
    assert [taken.told["case_id"] for taken in receiver.taken] == [
        first.json()["case_id"], second.json()["case_id"], second.json()["case_id"],
    ]  # fmt: skip
    assert receiver.taken[1].delivery_id == receiver.taken[2].delivery_id
