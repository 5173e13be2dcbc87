"""The service is killed in the middle of a call, and everything goes on where it stopped."""

import io
import signal
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from tests.integration.service.office import Film, film
from tests.integration.web.running import CASE, PASSWORDS
from tests.integration.web.test_journey import described, part
from tests.integration.web.test_serve import serving

WELL = {"camera": True, "microphone": True, "loudspeaker": True, "network": True}
Json = Mapping[str, Any]


def client(url: str, token: str = "") -> httpx.Client:
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"} if token else {}, timeout=120)


def post(http: httpx.Client, path: str, body: object = None) -> Json:
    answer = http.post(path, json=body if body is not None else {})
    assert answer.status_code < 300, (path, answer.text)
    return dict(answer.json()) if answer.content else {}


def logged_in(url: str) -> str:
    with client(url) as http:
        return str(post(http, "/api/staff/login", {"username": "zhang", "password": PASSWORDS["zhang"]})["token"])


def waiting_customer(url: str, agent: str) -> tuple[str, str]:
    """A customer of a new case, in the queue. → the session token and the case's identifier."""
    with client(url, agent) as desk:
        opened = post(desk, "/api/cases", CASE)
    capability = {"capability": opened["invitations"][0]["url"].partition("#")[2]}
    with client(url) as http:
        post(http, "/api/phone/code", capability)
        code = http.get("/demo/messages.json").json()[0]["code"]
        token = str(post(http, "/api/phone/redeem", capability | {"code": code})["token"])
    with client(url, token) as hand:
        while consent := hand.get("/api/phone/view").json()["consent"]:
            given = {"kind": consent["kind"], "granted": True, "text_sha256": consent["sha256"]}
            post(hand, "/api/phone/consents", given)
        post(hand, "/api/phone/precheck", WELL)
        post(hand, "/api/phone/queue/join")
    return token, str(opened["case"]["case_id"])


def answered(desk: httpx.Client) -> Json:
    """Waits for the ring and takes it. → the seat's view."""
    until = time.monotonic() + 10
    while (offer := desk.get("/api/staff/view").json()["offer"]) is None:
        assert time.monotonic() < until, "it never rang"
        time.sleep(0.1)
    return post(desk, f"/api/seat/offers/{offer['ticket']['ticket_id']}/accept")


def snapshot_taken(desk: httpx.Client, call: Json, case_id: str) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (320, 240), (90, 120, 110)).save(picture, "JPEG")
    headers = {"X-Captured-At": datetime.now(UTC).isoformat(), "Content-Type": "image/jpeg"}
    at = f"/api/cases/{case_id}/parties/{call['party_id']}/snapshot"
    assert desk.post(at, content=picture.getvalue(), headers=headers).status_code == 200


def delivered(desk: httpx.Client, recording_id: str, shot: Film, began: datetime) -> str:
    """Promises and brings a recording that the killed service had only seen begin. → its state."""
    rows = [{name: getattr(link, name) for name in ("index", "offset", "size", "start_seconds", "sha256", "chain")}
            for link in shot.segments]  # fmt: skip
    ended = began + timedelta(seconds=shot.seconds)
    promise = {"ended_at": ended.isoformat(), "duration_seconds": shot.seconds, "size": len(shot.data)}
    post(desk, f"/api/recordings/{recording_id}/finish", promise | {"sha256": shot.sha256, "segments": rows})
    for link in shot.segments:
        answer = desk.put(
            f"/api/recordings/{recording_id}/segments/{link.index}", content=part(shot, link), headers=described(link)
        )
        assert answer.status_code == 200, answer.text
    return str(post(desk, f"/api/recordings/{recording_id}/assemble")["state"])


def test_killed_in_the_middle_of_a_call(tmp_path: Path) -> None:
    data, shot = tmp_path / "data", film(2)
    with serving(data, "--demo") as (url, process):
        agent = logged_in(url)
        talking, case_id = waiting_customer(url, agent)
        with client(url, agent) as desk:
            post(desk, "/api/seat/presence", {"presence": "available"})
            call, began = answered(desk)["call"], datetime.now(UTC)
            described = {"width": 320, "height": 240, "frame_rate": 15, "video_codec": "h264", "audio_codec": "aac"}
            started = post(
                desk, f"/api/calls/{call['call_id']}/recordings", {"started_at": began.isoformat(), **described}
            )
            snapshot_taken(desk, call, case_id)
        waiting_customer(url, agent)  # whose page will not come back
        process.send_signal(signal.SIGKILL)
        process.wait(120)
    with serving(data, "--demo") as (url, _), client(url, agent) as desk, client(url, talking) as hand:
        again = desk.get("/api/staff/view").json()
        assert again["presence"] == "on_call"
        assert again["call"]["call_id"] == call["call_id"]
        assert again["case"]["case_id"] == case_id
        assert again["case"]["parties"][0]["identity"]["face"]
        assert hand.get("/api/phone/view").json()["step"] == "id_front"
        assert delivered(desk, str(started["recording_id"]), shot, began) == "verified"
        post(desk, f"/api/calls/{call['call_id']}/hangup", {"reason": "测试结束"})
        assert post(desk, "/api/seat/wrapup/finish")["presence"] == "available"
        time.sleep(2.5)
        assert desk.get("/api/staff/view").json()["presence"] == "available"
