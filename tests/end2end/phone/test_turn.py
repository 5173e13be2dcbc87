"""The customer's page where nothing passes directly: the relay that its display names is the only way."""

from collections.abc import Iterator
from typing import Any

import pytest

from signing.web.ice import Ice
from signing.wire.phone import PhoneStep
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import CALL, Stage
from tests.end2end.phone.test_call import Seat, frames_in, seat
from tests.turn import SECRET, Turn, coturn, own_addresses

__all__ = ["seat"]
pytestmark = pytest.mark.end2end

WALL = """
const Plain = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Plain {
  constructor(configuration) { super({ ...configuration, iceTransportPolicy: 'relay' }); window.newest = this; }
};
window.way = async () => {
  const all = new Map();
  (await window.newest.getStats()).forEach((report) => all.set(report.id, report));
  const pair = [...all.values()].find((one) => one.type === 'candidate-pair' && one.nominated);
  return pair ? all.get(pair.localCandidateId).relayProtocol : '';
};
"""


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Turn]:
    with coturn(tmp_path_factory.mktemp("coturn"), allowed=own_addresses()) as running:
        yield running


def told(stage: Stage, urls: list[str], secret: bytes = SECRET) -> dict[str, Any]:
    servers = Ice([], urls, secret).servers("party_1", stage.view.server_time)
    return CALL | {"ice_servers": [server.model_dump(mode="json") for server in servers]}


def call(stage: Stage, phone: Phone, seat: Seat, facts: dict[str, Any]) -> None:
    phone.page.add_init_script(WALL)
    stage.answer = seat.answer
    stage.show(PhoneStep.AWAIT_IDENTITY, call=facts)
    phone.resume(stage)


@pytest.mark.parametrize("way", ["udp", "tcp"])
def test_a_call_behind_a_wall_goes_through_the_relay(
    stage: Stage, phone: Phone, seat: Seat, relay: Turn, way: str
) -> None:
    call(stage, phone, seat, told(stage, [relay.url(way)]))
    phone.until("window.pingqian.stats().firstPictureMs > 0")
    assert seat.pictured.wait(10)
    assert frames_in(phone, 2) > 5
    assert phone.page.evaluate("window.way()") == way
    assert not phone.complaints


def test_a_way_that_is_swallowed_does_not_keep_the_others_waiting(
    stage: Stage, phone: Phone, seat: Seat, relay: Turn
) -> None:
    """The first address answers nothing; the offer leaves with the place that the second one gave."""
    swallowed = "turn:192.0.2.77:9?transport=udp"
    call(stage, phone, seat, told(stage, [swallowed, relay.url("tcp")]))
    phone.until("window.pingqian.stats().firstPictureMs > 0")
    assert phone.page.evaluate("window.way()") == "tcp"
    assert " typ relay " in stage.offers[0]
    assert phone.page.evaluate("window.newest.iceGatheringState") in ("gathering", "complete")
    assert len(stage.offers) == 1


def test_a_new_login_in_a_later_display_leaves_the_call_alone(
    stage: Stage, phone: Phone, seat: Seat, relay: Turn
) -> None:
    call(stage, phone, seat, told(stage, [relay.url("udp")]))
    phone.until("window.pingqian.stats().firstPictureMs > 0")
    stage.show(PhoneStep.AWAIT_IDENTITY, call=told(stage, [relay.url("udp")], b"of another day"))
    assert frames_in(phone, 2) > 5
    assert phone.stats()["offers"] == 1
