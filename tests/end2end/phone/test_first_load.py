"""What a phone fetches before its first screen stands: how much, in how many waves, and never twice."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import Stage

pytestmark = pytest.mark.end2end

MOST = 60_000
"""Of the 150,000 bytes that a first load may have; the rest is for what is to come."""


@dataclass
class Wire:
    """What goes over the line, headers included, as the browser counts it."""

    asked: dict[str, str] = field(default_factory=dict)
    by: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)

    def watch(self, session: Any) -> None:
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._came)
        session.on("Network.requestServedFromCache", lambda event: self.kept.add(event["requestId"]))

    def _asked(self, event: dict[str, Any]) -> None:
        path = "/" + event["request"]["url"].partition("//")[2].partition("/")[2]
        self.asked[event["requestId"]] = path.partition("#")[0]
        self.by[event["requestId"]] = event["initiator"]["type"]

    def _came(self, event: dict[str, Any]) -> None:
        self.sizes[event["requestId"]] = event["encodedDataLength"]

    def paths(self) -> list[str]:
        return list(self.asked.values())

    def bytes(self) -> float:
        return sum(self.sizes.values())


def loaded(phone: Phone, stage: Stage) -> Wire:
    """The link opened over a thin line; returns with the first screen, before what is fetched behind it."""
    wire = Wire()
    wire.watch(phone.throttle())
    phone.open(stage.url)
    phone.at("code", "send")
    return wire


def test_the_first_screen_costs_little_and_comes_in_three_waves(stage: Stage, phone: Phone) -> None:
    """The page; all that it names, at once; and what the link is for. No module waits to be named by another."""
    wire = loaded(phone, stage)
    took = phone.page.evaluate("performance.now()")
    print(f"first screen: {wire.bytes():.0f} bytes, {len(wire.asked)} answers, {took:.0f} ms at 300 kbit/s and 150 ms")
    assert wire.bytes() < MOST
    modules = {number: path for number, path in wire.asked.items() if path.endswith(".js")}
    assert len(modules) >= 10
    chained = [path for number, path in modules.items() if wire.by[number] == "script" and "code.js" not in path]
    assert not chained, "a module that the page does not name costs one more round trip"
    late = [path for path in wire.paths() if any(word in path for word in ("voice", "call.js", "peer.js", "reasons"))]
    assert not late, "what is needed later is fetched later"


def test_everything_comes_from_the_service_itself(stage: Stage, phone: Phone) -> None:
    asked: list[str] = []
    phone.page.on("request", lambda request: asked.append(request.url))
    phone.open(stage.url)
    phone.at("code", "send")
    phone.page.wait_for_load_state("networkidle")
    assert asked
    assert all(url.startswith((stage.url, "blob:", "data:")) for url in asked)


def test_a_second_visit_asks_for_the_page_alone(stage: Stage, new_phone: Callable[..., Phone]) -> None:
    phone = new_phone()
    phone.open(stage.url)
    phone.at("code", "send")
    phone.page.wait_for_load_state("networkidle")
    again = Phone(phone.context.new_page(), phone.context)
    wire = loaded(again, stage)
    fetched = [path for number, path in wire.asked.items() if number not in wire.kept and wire.sizes.get(number, 0) > 0]
    assert not [path for path in fetched if path.startswith("/phone/v-")], "files are kept for good"
    assert wire.bytes() < 5_000
