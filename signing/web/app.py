"""The web layer joined: routes, guards, sockets; started and stopped with the server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from fastapi import FastAPI

from signing.bootstrap import App
from signing.domain.readable import Readable
from signing.evidence.verify import verify_package
from signing.service.commands import Actor
from signing.service.store import Changes
from signing.web import errors
from signing.web.bodies import BodyLimit
from signing.web.context import Web
from signing.web.crossing import Crossing
from signing.web.headers import Guard
from signing.web.hub import Hub, Link
from signing.web.ice import Ice
from signing.web.pace import keep_pace, refresh
from signing.web.page_images import PageCache
from signing.web.presence import Presence
from signing.web.routes import (
    accounts,
    aloud,
    audit,
    backfill,
    board,
    calls,
    cases,
    check,
    core,
    demo,
    figures,
    health,
    helpers,
    imports,
    lifecycle,
    opening,
    page,
    phone,
    queueing,
    recordings,
    seals,
    seat,
    sockets,
    staff,
    tracks,
)
from signing.web.voices import Voices
from signing.wire.audit import VerificationReport

SUBJECTS = (
    staff, accounts, seat, calls, board, figures, queueing, cases, aloud, opening, helpers, imports, lifecycle,
    recordings, tracks, seals, audit, phone, backfill, core, check, health, sockets,
)  # fmt: skip


def create_app(app: App, *, secure: bool = False, ice: Ice | None = None, demo_root: bytes = b"") -> FastAPI:
    """``secure``: reached over TLS, here or in front. The application starts and closes ``app`` with itself.

    ``demo_root``: PEM of the demonstration's certificate authority, for phones to fetch.
    """
    web = _web(app, secure, ice or Ice())
    fastapi = FastAPI(
        title="屏签",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan(app, web),
    )
    fastapi.state.web = web
    errors.install(fastapi)
    for subject in SUBJECTS:
        fastapi.include_router(subject.router)
    fastapi.include_router(page.router(web.voices))
    if app.settings.demo:
        fastapi.include_router(demo.router)
    if demo_root:
        fastapi.include_router(demo.root_router(demo_root))
    fastapi.add_middleware(BodyLimit)
    fastapi.add_middleware(Guard, secure=secure)
    return fastapi


def _web(app: App, secure: bool, ice: Ice) -> Web:
    services = app.services
    for left in (app.settings.data / "uploads").glob("upload-*"):  # of versions that took a recording in one body
        left.unlink(missing_ok=True)

    def verify(package: Readable, record: bytes = b"") -> VerificationReport:
        now, signer = services.clock.now(), services.signer
        return verify_package(package, signer.trust_pem(), signer.inspect, now, record or None)

    return Web(
        bus=app.bus,
        queries=app.queries,
        services=services,
        page_images=PageCache(app.bus, app.queries, services, app.pages),
        voices=Voices(app.settings.data / "voices", app.speech),
        hub=Hub(),
        replica=app.replica,
        verify=verify,
        stand_in_messages=getattr(services.messages, "sent", tuple),
        secure=secure,
        ice=ice,
    )


def _lifespan(app: App, web: Web) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        presence = Presence(
            web.execute, partial(_live_call, web), app.replica, partial(_carries, web), partial(_seat_work, web)
        )
        web.hub.on_change = partial(_came_or_went, web.hub, presence)
        web.queries.lineups.count = lambda: web.hub.changes
        Crossing(web, presence).attach()
        unsubscribe = app.bus.subscribe(lambda changes: web.hub.changed(topics_of(changes)))
        pacing = [asyncio.create_task(keep(web), name=keep.__name__) for keep in (keep_pace, refresh)]
        await app.start()
        if app.alone:
            await _expect_live_calls(web, presence)
        try:
            yield
        finally:
            for task in pacing:
                task.cancel()
            await asyncio.gather(*pacing, return_exceptions=True)
            unsubscribe()
            await presence.tasks.close()
            await app.close()

    return running


async def _expect_live_calls(web: Web, presence: Presence) -> None:
    legs = await web.ask(web.queries.open_legs)
    for call in await web.ask(web.queries.live_calls):
        presence.expect(call, [leg for leg in legs if leg.call_id == call.call_id])


def topics_of(changes: Changes) -> frozenset[str]:
    return frozenset().union(
        changes.case_ids, changes.seat_ids, changes.party_ids, changes.branch_ids, changes.call_ids
    )


def _came_or_went(hub: Hub, presence: Presence, link: Link, there: bool) -> None:
    if there:
        presence.came(link.key, link.link_id, link.owner)
    else:
        presence.went(link.key, link.link_id, link.owner, lost=link.gone is None)
    if link.owner.case_id is not None:
        hub.changed(frozenset({link.owner.case_id}))


async def _carries(web: Web, owner: Actor) -> bool:
    """Known where both ends are connected to this service. Only who takes part in the call by now is believed."""
    calls, legs = await web.ask(web.queries.live_calls), await web.ask(web.queries.open_legs)
    now = asyncio.get_running_loop().time()
    if owner.kind == "party":
        mine = {leg.call_id for leg in legs if leg.party_id == owner.actor_id}
        seats = [f"seat:{call.seat_id}" for call in calls if call.call_id in mine]
        return web.hub.carries(seats, owner.actor_id, now)
    own = {call.call_id for call in calls if call.seat_id == owner.seat_id}
    return any(web.hub.carries([f"party:{leg.party_id}"], leg.call_id, now) for leg in legs if leg.call_id in own)


async def _seat_work(web: Web, actor: Actor) -> str | None:
    return None if actor.seat_id is None else await web.ask(web.queries.work_at, actor.seat_id)


async def _live_call(web: Web, actor: Actor) -> str | None:
    return await web.ask(web.queries.live_call_of, actor.actor_id)
