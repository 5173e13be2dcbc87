"""A supervisor puts a seal aside, takes it up, changes its custody: on record, at once, and for nobody else's seals."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from signing.adapters import demo_data
from signing.bootstrap import App
from signing.domain.case import DocumentState
from signing.domain.errors import ConflictError, InputError, NotFound, NotPermitted, OutsideError, RuleBroken
from signing.domain.seals import RegisteredSeal, SealKind
from signing.service import commands as c
from signing.service import seal_commands as sc
from signing.service.commands import Actor
from signing.service.ports import Institution
from signing.service.registry import seal_picture, seal_registry
from signing.wire.audit import Verdict
from tests.integration.service.office import Film, SteppedClock, log_in, sealed, stored, types_of
from tests.integration.service.test_seal_later import signed

HOUSE = demo_data.INSTITUTION.institution_id


def contract_seal(app: App) -> RegisteredSeal:
    with app.services.db.read() as unit:
        return next(one for one in unit.seals.of(HOUSE) if one.kind is SealKind.CONTRACT)


def on_record(app: App) -> list[tuple[str, str]]:
    with app.services.db.read() as unit:
        bodies = [json.loads(line)["body"] for line in unit.logs.views()]
    return [(str(body["what"]), str(body["detail"])) for body in bodies if str(body["what"]).startswith("seal.")]


async def chief(app: App) -> Actor:
    return await log_in(app, "chen", "demo-super-2026")


async def test_each_change_takes_effect_at_once_and_is_on_the_access_log(app: App) -> None:
    do, chen, seal = app.bus.execute, await chief(app), contract_seal(app)
    before = on_record(app)
    aside = await do(sc.SuspendSeal(chen, seal.seal_id, " 印章送检 "))
    assert contract_seal(app) == aside
    assert (aside.suspended_by, aside.suspended_reason) == ("陈主管", "印章送检")
    with pytest.raises(ConflictError, match="已由陈主管暂停使用"):
        await do(sc.SuspendSeal(chen, seal.seal_id, "再来一次"))
    until = seal.valid_until + timedelta(days=30)
    await do(sc.AmendSeal(chen, seal.seal_id, "换人保管", "档案室", until))
    assert contract_seal(app) == replace(aside, custodian="档案室", valid_until=until)
    await do(sc.ResumeSeal(chen, seal.seal_id, "检验完毕"))
    assert contract_seal(app) == replace(seal, custodian="档案室", valid_until=until)
    new = on_record(app)[len(before) :]
    assert [what for what, _ in new] == ["seal.suspended", "seal.amended", "seal.resumed"]
    assert all(seal.seal_id in detail for _, detail in new)
    assert [detail.partition("reason=")[2] for _, detail in new] == ["印章送检", "换人保管", "检验完毕"]
    assert "custodian=运营管理部->档案室" in new[1][1]


async def test_what_is_wrong_is_refused_and_leaves_no_trace(app: App) -> None:
    do, chen, seal = app.bus.execute, await chief(app), contract_seal(app)
    agent, before = await log_in(app), on_record(app)
    stranger = replace(chen, institution_id="inst_other")
    lin = await log_in(app, "lin", "demo-audit-2026")
    refused: list[tuple[c.Command, type[Exception]]] = [
        (sc.SuspendSeal(agent, seal.seal_id, "试试看"), NotPermitted),
        (sc.SuspendSeal(lin, seal.seal_id, "试试看"), NotPermitted),
        (sc.AmendSeal(c.SYSTEM, seal.seal_id, "试试看", "档案室"), NotPermitted),
        (sc.SuspendSeal(stranger, seal.seal_id, "试试看"), NotFound),
        (sc.AmendSeal(stranger, seal.seal_id, "试试看", "档案室"), NotFound),
        (sc.SuspendSeal(chen, "seal_of_nobody", "试试看"), NotFound),
        (sc.SuspendSeal(chen, seal.seal_id, " x "), InputError),
        (sc.ResumeSeal(chen, seal.seal_id, "没有暂停"), ConflictError),
        (sc.AmendSeal(chen, seal.seal_id, "什么也不改"), InputError),
        (sc.AmendSeal(chen, seal.seal_id, "倒填日期", None, app.services.clock.now()), InputError),
    ]
    for command, kind in refused:
        with pytest.raises(kind):
            await do(command)
    assert contract_seal(app) == seal
    assert on_record(app) == before


async def test_the_registry_shows_pictures_and_names_of_papers(app: App) -> None:
    chen = await chief(app)
    seal = contract_seal(app)
    drawn = seal_picture(app.services, chen, seal.seal_id)
    assert drawn.startswith(b"\x89PNG")
    with pytest.raises(NotFound):
        seal_picture(app.services, replace(chen, institution_id="inst_other"), seal.seal_id)
    with app.services.db.write() as unit:
        unit.seals.save(replace(seal, documents=("personal_loan_contract", "gone_for_good")))
    found = seal_registry(app.services, chen)
    assert found.titles == {"personal_loan_contract": "个人借款合同", "gone_for_good": "gone_for_good"}


class Meanwhile:
    """The real signer, to whom something happens while a seal is made: then whatever it is told is done."""

    def __init__(self, signer: object) -> None:
        self._signer, self.then = signer, [_fail]

    def __getattr__(self, name: str) -> object:
        return getattr(self._signer, name)

    async def seal(self, pdf: bytes, institution: Institution, at: object, reason: str, marks: object) -> bytes:
        made: bytes = await self._signer.seal(pdf, institution, at, reason, marks)  # type: ignore[attr-defined]
        if self.then:
            await self.then.pop(0)()
        return made


async def _fail() -> None:
    raise OutsideError("时间戳服务没有应答", "稍后自动再试")


def refusals(app: App, chen: Actor) -> list[str]:
    return [use.refused for use in seal_registry(app.services, chen).uses if use.refused]


@pytest.mark.timeout(480)
async def test_a_seal_put_aside_is_not_used_by_what_waits_for_it(app: App, clock: SteppedClock, shot: Film) -> None:
    """Neither by a retry that was queued before, nor by one whose paper is being sealed at that very moment."""
    do, room, chen = app.bus.execute, await signed(app, shot), await chief(app)
    signer: Any = Meanwhile(app.services.signer)
    app.bus.services = replace(app.services, signer=signer)
    job, seal = c.SealCase(room.agent, room.case_id), contract_seal(app)
    with pytest.raises(OutsideError):
        await do(job)
    await do(sc.SuspendSeal(chen, seal.seal_id, "印章有疑问"))
    clock.pass_by(minutes=10)
    await app.bus._seal_again()
    untouched(app, room.case_id)
    assert "已暂停使用（印章有疑问）" in refusals(app, chen)[0]
    await do(sc.ResumeSeal(chen, seal.seal_id, "已核实"))

    async def put_aside() -> None:
        await do(sc.SuspendSeal(chen, seal.seal_id, "又有疑问"))

    signer.then = [put_aside]
    with pytest.raises(RuleBroken, match="已暂停使用（又有疑问）"):
        await do(job)
    assert signer.then == [], "it was put aside while the paper was made"
    assert "已暂停使用（又有疑问）" in refusals(app, chen)[0], "refused at the last moment, and in the log as any other"
    untouched(app, room.case_id)
    assert not [use for use in seal_registry(app.services, chen).uses if use.sha256]
    await do(sc.ResumeSeal(chen, seal.seal_id, "再次核实"))
    report, _ = await sealed(app, room.agent, room.case_id)
    assert report.verdict is Verdict.VALID, report


def untouched(app: App, case_id: str) -> None:
    assert {one.state for one in stored(app, case_id).documents} == {DocumentState.SIGNED}
    assert "document.sealed" not in types_of(app, case_id)
