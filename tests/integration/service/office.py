"""The demonstration's office on real files: one agent at a seat, customers who come in by their links."""

import asyncio
import hashlib
import io
import json
import math
import re
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from media.recovery import segments_of
from signing import bootstrap
from signing.adapters import demo_data
from signing.adapters.text_messages import StandInTextMessages
from signing.bootstrap import App
from signing.config import Settings
from signing.domain.call import Call
from signing.domain.case import Case, Recording, Segment
from signing.domain.events import Body
from signing.domain.party import DisclosureAnswer, Identity, IdentityDecision, Party, PartyState
from signing.domain.phase import CONSENTS
from signing.domain.queue import TicketState
from signing.domain.readable import whole_of
from signing.evidence.verify import verify_package
from signing.service import commands as c
from signing.service import recording_commands as rc
from signing.service.commands import BEARER, Actor
from signing.service.content import package_file
from signing.service.handlers.common import with_party
from signing.wire.audit import VerificationReport

WORDING = "同意书全文".encode()
GOOD_DEVICE: dict[str, object] = {
    "camera": True,
    "microphone": True,
    "loudspeaker": True,
    "network": True,
    "round_trip_ms": 41.5,
}


class SteppedClock:
    """The machine's time plus what a test has let pass."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        moment = datetime.now(UTC) + self.ahead
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def pass_by(self, **duration: float) -> None:
        self.ahead += timedelta(**duration)


def open_app(data: Path, database: str = "", **replacements: Any) -> App:
    app = bootstrap.build(Settings(data, database, demo=True), **replacements)
    bootstrap.seed_demo(app)
    return app


async def log_in(app: App, username: str = "zhang", password: str = "demo-agent-2026") -> Actor:
    logged_in = await app.bus.execute(c.LogIn(BEARER, username, password))
    return app.queries.authenticate(logged_in.token)


async def open_case(app: App, agent: Actor) -> tuple[Case, str]:
    """→ the case and the borrower's capability."""
    case, capabilities = await app.bus.execute(demo_data.demo_case(agent))
    return case, capabilities[case.parties[0].party_id]


def last_code(app: App) -> str:
    messages = app.services.messages
    assert isinstance(messages, StandInTextMessages)
    found = re.search(r"\d{6}", messages.sent(1)[0].text)
    assert found is not None
    return found[0]


async def enter(app: App, capability: str) -> Actor:
    """Proves the phone and comes back as the customer."""
    await app.bus.execute(c.SendCode(BEARER, capability))
    token, _ = await app.bus.execute(c.RedeemCode(BEARER, capability, last_code(app)))
    return app.queries.authenticate(token)


async def get_ready(app: App, customer: Actor, *, face: bool = True) -> None:
    for kind in CONSENTS:
        await app.bus.execute(c.RecordConsent(customer, kind, face or kind != "face", WORDING))
    await app.bus.execute(c.RecordPrecheck(customer, GOOD_DEVICE))


async def ring(app: App, agent: Actor, customer: Actor) -> str:
    """→ the ticket, once it rings at the agent's seat."""
    ticket = await app.bus.execute(c.JoinQueue(customer))
    for _ in range(100):
        await app.bus.execute(c.Dispatch(c.SYSTEM))
        with app.services.db.read() as unit:
            found = unit.queue.ticket(ticket.ticket_id)
        if found.state is TicketState.OFFERED and found.seat_id == agent.seat_id:
            return found.ticket_id
        await asyncio.sleep(0.02)
    raise AssertionError("the seat never rang")


async def connect(app: App, agent: Actor, customer: Actor) -> Call:
    await app.bus.execute(c.SetPresence(agent, True))
    call: Call = await app.bus.execute(c.AcceptOffer(agent, await ring(app, agent, customer)))
    return call


async def in_call(app: App) -> tuple[Actor, Actor, Case, Call]:
    """→ agent, customer, case and live call, the customer ready for identity."""
    agent = await log_in(app)
    case, capability = await open_case(app, agent)
    customer = await enter(app, capability)
    await get_ready(app, customer)
    call = await connect(app, agent, customer)
    return agent, customer, stored(app, case.case_id), call


def stored(app: App, case_id: str) -> Case:
    with app.services.db.read() as unit:
        return unit.cases.get(case_id)


def types_of(app: App, case_id: str) -> list[str]:
    with app.services.db.read() as unit:
        return [event.type for event in unit.cases.events(case_id)]


def bodies_of(app: App, case_id: str, kind: str) -> list[Body]:
    """Of the events of one kind on a case's chain, the oldest first."""
    with app.services.db.read() as unit:
        return [event.body for event in unit.cases.events(case_id) if event.type == kind]


async def sealed(app: App, agent: Actor, case_id: str) -> tuple[VerificationReport, str]:
    """Seals a signed case. → what the verifier says of its package, and the chain that lies in it."""
    closed: Case = await app.bus.execute(c.SealCase(agent, case_id))
    assert closed.package is not None
    data, signer = whole_of(package_file(case_id, closed.package, app.services.blobs)), app.services.signer
    found = verify_package(data, signer.trust_pem(), signer.inspect, app.services.clock.now())
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        return found, box.read("events.jsonl").decode()


def put_at(app: App, case_id: str, state: PartyState) -> Party:
    """Writes the borrower into the store as if the steps before ``state`` had been done."""
    now = app.services.clock.now()
    with app.services.db.write() as unit:
        case = unit.cases.get(case_id)
        answers = tuple(DisclosureAnswer(line.number, line.expected or "yes", now) for line in case.script)
        identity = Identity(decision=IdentityDecision(True, "", "张秀英", now))
        party = replace(case.parties[0], state=state, identity=identity, answers=answers)
        unit.cases.save(with_party(case, party))
        return party


def whole_document(case: Case, number: int = 0) -> tuple[tuple[int, int], ...]:
    return tuple((page, 900) for page in range(1, case.documents[number].pages + 1))


def handwriting() -> bytes:
    """Canonical enough for the signer: two strokes across the drawing area."""
    first = [
        {"x": 20 + i * 4, "y": 60 + round(20 * math.sin(i / 3), 2), "t": i * 16, "pressure": 0.5} for i in range(40)
    ]
    second = [{"x": 90 + i, "y": 20 + i * 2, "t": 800 + i * 16, "pressure": 0.6} for i in range(30)]
    value = {"height": 140, "strokes": [first, second], "width": 320}
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def sign_command(customer: Actor, case: Case, number: int = 0, **change: Any) -> c.SignDocument:
    document = case.documents[number]
    command = c.SignDocument(customer, document.document_id, document.frozen_sha256, handwriting(), 70, 0.6)
    return replace(command, **change)


@dataclass(frozen=True)
class Film:
    data: bytes
    seconds: float
    segments: tuple[Segment, ...]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def film(seconds: int = 3, shade: int = 60) -> Film:
    """A small fragmented MP4 with picture and sound, as the seat's recorder writes it."""
    target = io.BytesIO()
    options = {"movflags": "empty_moov+default_base_moof+frag_keyframe"}
    with av.open(target, "w", format="mp4", options=options) as container:
        video = container.add_stream("libx264", rate=15, options={"preset": "ultrafast", "g": "15", "bf": "0"})
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        sound = container.add_stream("aac", rate=48_000, layout="mono")
        for second in range(seconds):
            for number in range(15):
                picture = np.full((240, 320, 3), shade + (second * 15 + number) % 120, np.uint8)
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame.pts, frame.time_base = second * 15 + number, Fraction(1, 15)
                container.mux(video.encode(frame))
            tone = (8000 * np.sin(np.arange(48_000) / 20)).astype(np.int16)
            samples = av.AudioFrame.from_ndarray(tone[None, :], format="s16", layout="mono")
            samples.sample_rate, samples.pts, samples.time_base = 48_000, second * 48_000, Fraction(1, 48_000)
            container.mux(sound.encode(samples))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    data = _without_index(target.getvalue())
    links = [Segment(x.index, x.offset, x.size, x.start_seconds, x.sha256, x.chain) for x in segments_of(data)]
    return Film(data, float(seconds), tuple(links))


def _without_index(data: bytes) -> bytes:
    """Cuts off the trailing ``mfra``, which belongs to no fragment."""
    place = data.rfind(b"mfra")
    return data if place < 0 else data[: place - 4]


def pieces(agent: Actor, recording_id: str, shot: Film) -> list[rc.KeepSegment]:
    """A film as the seat brings it, segment by segment."""
    return [
        rc.KeepSegment(
            agent, recording_id, link.index, link.start_seconds, link.sha256, link.chain,
            shot.data[link.offset : link.offset + link.size],
        )
        for link in shot.segments
    ]  # fmt: skip


async def deliver(app: App, agent: Actor, recording_id: str, shot: Film) -> Recording:
    """All of a film whose end is reported; what of it has come already is passed over."""
    for piece in pieces(agent, recording_id, shot):
        await app.bus.execute(piece)
    recording: Recording = await app.bus.execute(rc.AssembleRecording(agent, recording_id))
    return recording


def start_command(agent: Actor, call: Call) -> c.StartRecording:
    return c.StartRecording(agent, call.call_id, call.started_at, 320, 240, 15, "h264", "aac")


def finish_command(agent: Actor, recording_id: str, shot: Film, started_at: datetime) -> c.FinishRecording:
    ended_at = started_at + timedelta(seconds=shot.seconds)
    return c.FinishRecording(agent, recording_id, ended_at, shot.seconds, len(shot.data), shot.sha256, shot.segments)
