"""One case over several days: a joint call of two, then a call of one's own; one chain, and a package that verifies."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from signing.adapters.identity import VisionIdentityReader
from signing.bootstrap import App
from signing.domain.call import Call, Outcome
from signing.domain.case import Case
from signing.domain.errors import RuleBroken
from signing.evidence.verify import verify_package
from signing.service import commands as c
from signing.service.commands import Actor
from signing.wire.audit import Verdict
from tests.integration.service.family import another_seat, family
from tests.integration.service.office import (
    Film,
    connect,
    deliver,
    finish_command,
    log_in,
    open_app,
    sign_command,
    start_command,
    stored,
    types_of,
    whole_document,
)
from tests.postgres import both_databases


async def through(app: App, agent: Actor, customer: Actor, case: Case, number: int) -> None:
    """One party from identity to the last signature; the others of the call are where they are."""
    do, party = app.bus.execute, case.parties[number]
    await do(c.DecideIdentity(agent, case.case_id, party.party_id, True, "已当面核对证件原件"))
    for line in case.script:
        if line.is_for(party.party_id):
            await do(c.AnswerLine(agent, case.case_id, party.party_id, line.number, line.expected or "yes"))
    for place, document in enumerate(case.documents):
        if party.party_id in document.signer_party_ids:
            await do(c.ReportReading(customer, document.document_id, whole_document(case, place)))
            await do(sign_command(customer, stored(app, case.case_id), place))


async def recorded(app: App, agent: Actor, call: Call, recording_id: str, shot: Film) -> None:
    await app.bus.execute(finish_command(agent, recording_id, shot, call.started_at))
    await deliver(app, agent, recording_id, shot)


@both_databases
async def test_a_joint_call_and_days_later_one_more_make_one_package(
    tmp_path: Path, database: str, reader: VisionIdentityReader, shot: Film
) -> None:
    app = open_app(tmp_path / "data", database, identity=reader)
    agent, other, chen = await log_in(app), await another_seat(app, "08"), await log_in(app, "chen", "demo-super-2026")
    do = app.bus.execute
    case, (first, second, third) = await family(app, agent, face=False)
    call = await connect(app, agent, first)
    await do(c.JoinQueue(second))
    await do(c.AdmitParty(agent, call.call_id, second.actor_id))
    recording_id = await do(start_command(agent, call))
    await through(app, agent, first, case, 0)
    await through(app, agent, second, case, 1)
    await do(c.HangUp(agent, call.call_id))
    await recorded(app, agent, call, recording_id, shot)
    with pytest.raises(RuleBroken, match=r"王\*河尚未完成签署"):
        await do(c.SealCase(agent, case.case_id))
    await do(c.FinishWrapUp(agent, Outcome.TO_CONTINUE, "王小河后天再来"))

    await do(c.SetPresence(agent, False))
    later = await connect(app, other, third)
    lost = await do(start_command(other, later))
    again = replace(start_command(other, later), started_at=later.started_at + timedelta(milliseconds=1))
    kept = await do(again)
    await through(app, other, third, case, 2)
    await do(c.HangUp(other, later.call_id))
    await recorded(app, other, later, kept, shot)
    await do(c.DeclareRecordingLost(chen, lost, "录像程序崩溃，第一段文件损毁"))
    closed = await do(c.SealCase(other, case.case_id))
    assert closed.package is not None
    report = verify_package(app.queries.package(chen, case.case_id), app.services.signer.trust_pem())
    assert report.verdict is Verdict.VALID, report.headline
    assert "1 段录像已声明遗失" in report.headline
    kinds = types_of(app, case.case_id)
    assert kinds.count("call.connected") == kinds.count("call.ended") == 2
    assert kinds[-1] == "package.closed"
    await app.close()
