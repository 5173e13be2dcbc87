"""A stage for the customer's page: hands it displays made of real wire messages and takes down what it sends.

The page draws whatever display it is given. These tests give it every display there is; the journey through the real
service is ``test_service.py``. Files and headers are the service's own.
"""

import asyncio
import hashlib
import io
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import uvicorn
from fastapi import FastAPI, Request, WebSocket
from PIL import Image, ImageDraw
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocketDisconnect

from signing.adapters.speech import Espeak
from signing.domain import phone_step as domain
from signing.web.headers import Guard
from signing.web.routes import page
from signing.web.views.phone import step_number
from signing.web.voices import Voices
from signing.wire.backfill import BackfillKept, BackfillNeeds, BackfillSpan, KeepingTold, PhoneKeeps
from signing.wire.base import ErrorBody
from signing.wire.case import CardCheck, CardSide
from signing.wire.phone import CodeSent, LinkOpened, PhoneSession, PhoneStep, PhoneView, RedeemCode, SignaturePlace
from signing.wire.signal import Gone, Hello, Lead, Ping, Pong, Refused, Sdp, client_frame

CAPABILITY = "stage_capability_0123456789"
CODE = "246810"
TITLES = ("个人借款合同", "征信查询授权书", "个人信息与人脸信息单独同意书")
CONSENT = {
    "title": "我同意采集我的人脸,用来核对是不是我本人",
    "paragraphs": ["我们会拍下您的脸,和身份证上的照片比对,比对结果由客户经理判断。"] * 4,
    "accept": "同意",
    "decline": "我不方便人脸识别",
    "sha256": "cd" * 32,
}
CONSENT_KINDS = {
    PhoneStep.CONSENT_RECORDING: "recording",
    PhoneStep.CONSENT_FACE: "face",
    PhoneStep.CONSENT_PERSONAL: "personal_information",
    PhoneStep.CONSENT_CREDIT: "credit_inquiry",
}
CALL = {"call_id": "call_1", "agent_name": "张*梅", "seat_label": "07号席", "ice_servers": []}


def documents(signed: int = 0, *, copies: bool = False) -> list[dict[str, Any]]:
    return [
        {
            "document_id": f"doc_{number}",
            "title": title,
            "pages": 3,
            "state": "sealed" if copies else "frozen",
            "sha256": hashlib.sha256(title.encode()).hexdigest(),
            "read": number <= signed,
            "signed": number <= signed,
            "copy_available": copies,
        }
        for number, title in enumerate(TITLES, start=1)
    ]


def display(step: PhoneStep, **changes: Any) -> PhoneView:
    facts: dict[str, Any] = {
        "server_time": datetime.now(UTC),
        "step": step,
        "step_number": step_number(domain.PhoneStep(step)),
        "step_total": 7,
        "institution": "龙岩示范农村信用合作联社",
        "branch": "上杭支行",
        "helpline": "0597-1234567",
        "case_no": "2026-00318",
        "product_title": "信用村授信贷款",
        "amount": "180000.00",
        "amount_in_words": "壹拾捌万元整",
        "role_title": "借款人",
        "name_masked": "王*国",
        "documents": documents(),
        "stand_ins": ["短信通道、联网核查、数字证书均为演示"],
    }
    if step in CONSENT_KINDS:
        facts["consent"] = CONSENT | {"kind": CONSENT_KINDS[step]}
    if step in (PhoneStep.READING, PhoneStep.SIGNING):
        facts["current_document_id"] = "doc_1"
    return PhoneView.model_validate(facts | changes)


def picture(width: int) -> bytes:
    sheet = Image.new("RGB", (width, int(width * 1.414)), "white")
    ImageDraw.Draw(sheet).rectangle((width // 9, width // 9, width * 8 // 9, width), outline="black", width=3)
    kept = io.BytesIO()
    sheet.save(kept, "PNG")
    return kept.getvalue()


@dataclass
class Stage:
    """``took``: (path, body) of each command, in order. ``reply``: what a command leads to; None changes nothing."""

    url: str = ""
    view: PhoneView = field(default_factory=lambda: display(PhoneStep.CONSENT_RECORDING))
    took: list[tuple[str, Any]] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    reply: Callable[[str], PhoneView | None] = lambda path: None
    answer: Callable[[str], str | None] = lambda sdp: None
    late: str = ""
    """An answer to an offer that was replaced, sent before the right one."""
    readable: bool = True
    warnings: list[str] = field(default_factory=list)
    token: str = ""
    tokens: int = 0
    devices: list[str] = field(default_factory=list)
    """The name each redeeming browser gave itself."""
    sockets: set[WebSocket] = field(default_factory=set)
    lacks: list[BackfillSpan] = field(default_factory=list)
    """What the recording lacks of this customer."""
    brought: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    """Of each piece: since, until, kind, bytes."""
    keeps: list[str] = field(default_factory=list)
    """What the phone said that it keeps from then on."""
    sealed: bool = False
    """Nothing more is taken."""
    brake: int = 0
    """So many times a piece is refused for two seconds, however soon it comes again."""
    braked: list[float] = field(default_factory=list)
    """When, and when the next came that was taken."""
    away: bool = False
    """Nobody gets a line."""
    deaf: set[WebSocket] = field(default_factory=set)
    """Lines by which nothing comes any more, without a word."""
    loop: asyncio.AbstractEventLoop | None = None

    def show(self, step: PhoneStep, **changes: Any) -> None:
        """A new display, pushed to the page."""
        self.view = display(step, **changes)
        self.soon(self.push())

    def soon(self, work: Any) -> None:
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(work, self.loop).result(5)

    async def push(self) -> None:
        for socket in list(self.sockets):
            with suppress(WebSocketDisconnect):  # a page that has just gone, such as the last test's
                await socket.send_text(self.view.model_dump_json())

    def lead(self, kind: str, page: int = 1, document_id: str = "doc_1", **where: float) -> None:
        """As the agent's window tells where it leads."""
        facts = {"call_id": "call_1", "party_id": "self", "document_id": document_id, "page": page, "kind": kind}
        self.soon(self.tell(Lead.model_validate(facts | where)))

    async def tell(self, frame: Lead) -> None:
        for socket in list(self.sockets):
            await socket.send_text(frame.model_dump_json())

    async def drop(self, code: int = 1012) -> None:
        """Cuts the line without a word."""
        for socket in list(self.sockets):
            await socket.close(code)

    async def say_gone(self, reason: Literal["replaced", "other_device"] = "replaced") -> None:
        for socket in list(self.sockets):
            await socket.send_text(Gone(reason=reason).model_dump_json())

    def paths(self) -> list[str]:
        return [path for path, _ in self.took]

    def bodies(self, ending: str) -> list[Any]:
        return [body for path, body in self.took if path.endswith(ending)]

    # --- what the page asks ---

    def redeem(self, code: str) -> Response:
        if code != CODE:
            return refusal(401, "验证码不对", "还可以再试 4 次")
        self.tokens += 1
        self.token = f"stage-token-{self.tokens}"
        session = PhoneSession(token=self.token, expires_at=datetime.now(UTC) + timedelta(hours=1))
        return wire(session)

    def command(self, path: str, body: Any) -> Response:
        self.took.append((path, body))
        after = self.reply(path)
        if after is not None:
            self.view = after
        return wire(self.view)

    async def backfill(self, request: Request) -> Response:
        if self.sealed:
            return refusal(409, "这笔业务已经用印，不再需要补传")
        if request.method == "GET":
            return wire(BackfillNeeds(key="5a" * 32, spans=self.lacks))
        if request.method == "POST":
            self.keeps.append(PhoneKeeps.model_validate(await request.json()).keeps.value)
            return wire(KeepingTold(new=True))
        if len(self.braked) <= self.brake:
            self.braked.append(time.monotonic())
        if len(self.braked) <= self.brake:
            return refusal(429, "操作太频繁了", "请等 2 秒再试", {"Retry-After": "2"})
        said = request.headers
        kind = said["content-type"].split(";")[0]
        self.brought.append((said["x-kept-since"], said["x-kept-until"], kind, await request.body()))
        return wire(BackfillKept(new=True))

    async def card(self, side: str, request: Request) -> Response:
        self.took.append((f"/api/phone/id-card/{side}", await request.body()))
        after = self.reply(f"/api/phone/id-card/{side}")
        if after is not None:
            self.view = after
            await self.push()
        check = CardCheck(
            side=CardSide(side),
            captured_at=datetime.now(UTC),
            readable=self.readable,
            warnings=self.warnings,
            image_sha256="ef" * 32,
        )
        return wire(check)

    async def line(self, socket: WebSocket) -> None:
        if self.away:
            await socket.close(1012)
            return
        await socket.accept()
        hello = client_frame.validate_json(await socket.receive_text())
        if not isinstance(hello, Hello) or hello.token != self.token:
            error = ErrorBody(code="not_logged_in", message="登录已过期", hint="请重新验证手机")
            await socket.send_text(Refused(error=error).model_dump_json())
            await socket.close(1008)
            return
        self.sockets.add(socket)
        try:
            await socket.send_text(self.view.model_dump_json())
            while True:
                await self._frame(socket, await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self.sockets.discard(socket)

    async def _frame(self, socket: WebSocket, text: str) -> None:
        if socket in self.deaf:
            return
        frame = client_frame.validate_json(text)
        if isinstance(frame, Ping):
            await socket.send_text(Pong(n=frame.n, server_time=datetime.now(UTC)).model_dump_json())
        elif isinstance(frame, Sdp):
            self.offers.append(frame.sdp)
            answer = await asyncio.to_thread(self.answer, frame.sdp)
            if answer is not None and self.late:
                late = Sdp(call_id=frame.call_id, kind="answer", sdp=self.late, offer_id="replaced")
                await socket.send_text(late.model_dump_json())
            if answer is not None:
                reply = Sdp(call_id=frame.call_id, kind="answer", sdp=answer, offer_id=frame.offer_id)
                await socket.send_text(reply.model_dump_json())


def refusal(status: int, message: str, hint: str = "", headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(ErrorBody(code="refused", message=message, hint=hint).model_dump(), status, headers)


def wire(message: Any) -> Response:
    return Response(message.model_dump_json(), media_type="application/json")


def build(stage: Stage, voices: Voices) -> FastAPI:
    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        stage.loop = asyncio.get_running_loop()
        yield

    app = FastAPI(lifespan=running)
    app.include_router(page.router(voices))

    @app.post("/api/phone/open")
    async def opened() -> Response:
        return wire(
            LinkOpened(
                institution="龙岩示范农村信用合作联社",
                name_masked="王*国",
                phone_masked="138****8000",
                product_title="信用村授信贷款",
                expires_at=datetime.now(UTC) + timedelta(days=3),
                helpline="0597-1234567",
                step_total=7,
            )
        )

    @app.post("/api/phone/code")
    async def sent() -> Response:
        return wire(CodeSent(phone_masked="138****8000", valid_seconds=300, resend_after_seconds=2, stand_in=True))

    @app.post("/api/phone/redeem")
    async def redeemed(request: Request) -> Response:
        asked = RedeemCode.model_validate(await request.json())
        stage.devices.append(asked.device)
        return stage.redeem(asked.code)

    @app.api_route("/api/phone/{rest:path}", methods=["GET", "POST", "PUT"])
    async def rest(rest: str, request: Request, width: int = 720) -> Response:
        if request.headers.get("authorization") != f"Bearer {stage.token}":
            return refusal(401, "登录已过期", "请重新验证手机")
        if rest.startswith("backfill/"):
            return await stage.backfill(request)
        if request.method == "PUT":
            return await stage.card(rest.rsplit("/", 1)[1], request)
        if request.method == "POST":
            return stage.command(request.url.path, await request.json())
        if rest.endswith("/voice"):
            said = await asyncio.to_thread(voices.said, "我同意采集我的人脸。", "consent.face")
            return Response(said.data, media_type=said.kind) if said else refusal(404, "这里没有朗读")
        if rest.endswith("/place"):
            return wire(SignaturePlace(page=3, x=0.5, y=0.55, w=0.36, h=0.08))
        if "/pages/" in rest:
            return Response(picture(width), media_type="image/png")
        return Response(b"%PDF-1.7\n", media_type="application/pdf") if rest.endswith("/copy") else wire(stage.view)

    app.add_api_websocket_route("/api/phone/ws", stage.line)
    return app


@contextmanager
def running_stage() -> Iterator[Stage]:
    stage = Stage()
    folder = TemporaryDirectory()
    voices = Voices(Path(folder.name), Espeak())
    config = uvicorn.Config(
        Guard(build(stage, voices), secure=False), port=0, log_level="warning", ws="websockets-sansio"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="stage")
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        stage.url = f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
        yield stage
    finally:
        server.should_exit = True
        thread.join(10)
        folder.cleanup()
