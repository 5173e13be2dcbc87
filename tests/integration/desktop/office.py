"""The real service in its own process, and a customer in Python: HTTP, WebSocket and a real WebRTC peer."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from av import VideoFrame
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from desktop.demo import specimen
from signing.commandline.serve import LISTENING
from tests.integration.web.running import BORROWER, CASE, PASSWORDS

PERSON = specimen.Person(BORROWER.name, BORROWER.id_number, BORROWER.address)
PATIENCE = 240.0
"""Seconds for what takes one on a quiet machine, such as reading a card."""
REDIAL_SECONDS = 6.0
"""Without a picture from the seat, as the page's browser would notice."""
PRECHECK = {"camera": True, "microphone": True, "loudspeaker": True, "network": True, "round_trip_ms": 40}
STROKES = [[{"x": 40 + 8 * n, "y": 60 + 30 * (n % 3), "t": 16.0 * n} for n in range(40)]]


@dataclass
class Service:
    url: str
    process: subprocess.Popen[str]

    def code(self) -> str:
        return str(httpx.get(f"{self.url}/demo/messages.json").json()[0]["code"])

    def open_case(self) -> str:
        """→ the borrower's capability."""
        return self.open_joint_case(CASE)[0]

    def open_joint_case(self, case: dict[str, Any]) -> list[str]:
        """→ each party's capability."""
        login = {"username": "zhang", "password": PASSWORDS["zhang"]}
        token = httpx.post(f"{self.url}/api/staff/login", json=login).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.post(f"{self.url}/api/cases", json=case, headers=headers, timeout=60)
        assert answer.status_code == 201, answer.text
        return [str(invited["url"].partition("#")[2]) for invited in answer.json()["invitations"]]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def start_service(data: Path, port: int = 0) -> Service:
    """Over ``data``, on a free port unless one is given; returns when it listens."""
    command = [sys.executable, "-m", "signing.cli", "serve", "--demo", "--data", str(data), "--port", str(port)]
    log = (data.parent / "service.log").open("a", encoding="utf-8")
    with log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(LISTENING):
            process.stdout.close()
            return Service(line.removeprefix(LISTENING).strip(), process)
    raise AssertionError((data.parent / "service.log").read_text(encoding="utf-8")[-2000:])


@contextmanager
def service(data: Path) -> Iterator[Service]:
    made = start_service(data)
    try:
        yield made
    finally:
        made.stop()


@dataclass
class Customer:
    """Walks the phone's steps by itself in its own thread; ``step`` is where it stands.

    At the ``slow`` steps each paper waits until ``go_on`` lets it.
    """

    url: str
    capability: str
    code: str = ""
    step: str = ""
    error: str = ""
    picture_from_seat: bool = False
    slow: tuple[str, ...] = ()
    cards: dict[str, bytes] = field(default_factory=dict, repr=False)
    _papers: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0), repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)

    def start(self, code: "Service") -> None:
        # Drawn before the call: drawing takes seconds of the interpreter that runs the engine here.
        self.cards["front"] = specimen.photograph(specimen.card_front(PERSON), seed=1)
        self.cards["back"] = specimen.photograph(specimen.card_back(PERSON), seed=2)
        capability = {"capability": self.capability}
        httpx.post(f"{self.url}/api/phone/code", json=capability)
        redeem = capability | {"code": code.code()}
        self._token = httpx.post(f"{self.url}/api/phone/redeem", json=redeem).json()["token"]
        self._thread = threading.Thread(target=self._run, name="customer")
        self._thread.start()

    def go_on(self, papers: int = 1) -> None:
        self._papers.release(papers)

    def may(self, step: str) -> bool:
        return step not in self.slow or self._papers.acquire(blocking=False)

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(20)

    def _run(self) -> None:
        try:
            asyncio.run(self._walk())
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}"

    async def _walk(self) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        http = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=PATIENCE)
        async with http:
            walk = _Walk(self, http)
            try:
                while not self._stop.is_set():
                    with contextlib.suppress(OSError, WebSocketException):
                        await self._connected(walk)
                    await asyncio.sleep(0.3)
            finally:
                await walk.hang_up()

    async def _connected(self, walk: "_Walk") -> None:
        """Until the service goes; like the page, the call outlives the socket."""
        async with connect(self.url.replace("http", "ws", 1) + "/api/phone/ws", proxy=None) as socket:
            await socket.send(json.dumps({"type": "hello", "token": self._token}))
            await walk.run(socket, self._stop)


class _Moving(VideoStreamTrack):
    """A picture that changes: one that never does counts as frozen."""

    async def recv(self) -> VideoFrame:
        pts, base = await self.next_timestamp()
        seen = np.full((480, 640, 3), 90, dtype=np.uint8)
        left = pts // 3000 * 8 % 600
        seen[:, left : left + 40] = (60, 200, 120)
        frame = VideoFrame.from_ndarray(seen, format="rgb24")
        frame.pts, frame.time_base = pts, base
        return frame


class _Walk:
    """What the customer does, over all of their connections."""

    _socket: ClientConnection

    def __init__(self, customer: Customer, http: httpx.AsyncClient) -> None:
        self._customer, self._http = customer, http
        self._peer: RTCPeerConnection | None = None
        self._call_id = ""
        self._seen_at = 0.0
        self._done: set[object] = set()
        self._waiting: dict[str, Any] | None = None
        self._watching: asyncio.Task[None] | None = None

    async def run(self, socket: ClientConnection, stop: threading.Event) -> None:
        self._socket = socket
        beats = 0
        while not stop.is_set():
            try:
                await self._take(json.loads(await asyncio.wait_for(socket.recv(), 0.5)))
            except TimeoutError:  # an answer that waits to be read comes first
                if self._call_id and time.monotonic() - self._seen_at > REDIAL_SECONDS:
                    await self._offer(self._call_id)
                if self._waiting is not None:
                    await self._look(self._waiting)
            beats += 1
            if beats % 8 == 0:
                await socket.send(json.dumps({"type": "ping", "n": beats, "carries": self._carries()}))

    def _carries(self) -> list[str]:
        """The call, while its picture comes; as the page says it."""
        fresh = time.monotonic() - self._seen_at < 2.0
        return [self._call_id] if self._call_id and fresh else []

    async def _take(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "sdp" and self._peer is not None and self._peer.signalingState == "have-local-offer":
            await self._peer.setRemoteDescription(RTCSessionDescription(frame["sdp"], "answer"))
            self._seen_at = time.monotonic()
        if frame["type"] == "phone.view":
            await self._look(frame)

    async def _look(self, view: dict[str, Any]) -> None:
        self._customer.step = view["step"]
        call = view["call"]
        if call is None:
            await self.hang_up()
        elif call["call_id"] != self._call_id:
            await self._offer(call["call_id"])
        key = (view["step"], view["current_document_id"], call and call["call_id"])
        self._waiting = None
        if key in self._done:
            return
        if self._customer.may(view["step"]):
            self._done.add(key)
            await self._act(view)
        else:
            self._waiting = view

    async def _act(self, view: dict[str, Any]) -> None:
        step = view["step"]
        if step.startswith("consent_"):
            consent = view["consent"]
            body = {"kind": consent["kind"], "granted": True, "text_sha256": consent["sha256"]}
            await self._post("/api/phone/consents", body)
        elif step == "precheck":
            await self._post("/api/phone/precheck", PRECHECK)
        elif step == "queue":
            await self._post("/api/phone/queue/join", None)
        elif step in ("id_front", "id_back"):
            await self._card(step.removeprefix("id_"))
        elif step in ("reading", "signing"):
            await self._document(step, view)

    async def _card(self, side: str) -> None:
        headers = {"Content-Type": "image/jpeg"}
        content = self._customer.cards[side]
        answer = await self._http.put(f"/api/phone/id-card/{side}", content=content, headers=headers)
        answer.raise_for_status()

    async def _document(self, step: str, view: dict[str, Any]) -> None:
        document = next(d for d in view["documents"] if d["document_id"] == view["current_document_id"])
        path = f"/api/phone/documents/{document['document_id']}"
        if step == "reading":
            pages = [{"page": page, "milliseconds": 1500} for page in range(1, document["pages"] + 1)]
            await self._post(f"{path}/reading", {"pages": pages})
        else:
            strokes = {"width": 400, "height": 200, "strokes": STROKES}
            await self._post(f"{path}/sign", {"sha256": document["sha256"], "strokes": strokes})

    async def _post(self, path: str, body: object) -> None:
        answer = await self._http.post(path, json=body)
        assert answer.is_success, f"{path}: {answer.text}"

    async def _offer(self, call_id: str) -> None:
        await self.hang_up()
        self._call_id, self._seen_at = call_id, time.monotonic()
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peer.addTrack(_Moving())
        self._peer.addTrack(AudioStreamTrack())
        self._peer.on("track", self._watch)
        await self._peer.setLocalDescription(await self._peer.createOffer())
        sdp = self._peer.localDescription.sdp
        await self._socket.send(json.dumps({"type": "sdp", "call_id": call_id, "kind": "offer", "sdp": sdp}))

    def _watch(self, track: Any) -> None:
        if track.kind == "video":
            self._watching = asyncio.ensure_future(self._see(track))

    async def _see(self, track: Any) -> None:
        while True:
            await track.recv()
            self._seen_at = time.monotonic()
            self._customer.picture_from_seat = True

    async def hang_up(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            self._watching = None
        if self._peer is not None:
            await self._peer.close()
            self._peer = None
        self._call_id = ""
