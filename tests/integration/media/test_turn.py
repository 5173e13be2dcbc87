"""Calls that find no direct path: a real Chromium, a real coturn, our seat."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser

from media import ports
from signing.domain.relaying import STEP, VALID, Login
from tests.integration.media.phone import PHONE_TONE, Phone, chromium
from tests.integration.media.seat import Seat
from tests.integration.media.test_call import AGENT_TONE, connect, greenish, stage, until
from tests.turn import Turn, coturn, credentials, own_addresses

WAYS = ["udp", "tcp", "tls"]


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Turn]:
    with coturn(tmp_path_factory.mktemp("coturn"), allowed=own_addresses()) as running:
        yield running


def key_of(root: Path) -> str:
    """The certificate's key as Chromium wants to be told of one to trust."""
    certificate = x509.load_pem_x509_certificate(root.read_bytes())
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, relay: Turn) -> Iterator[tuple[Browser, str]]:
    trust = f"--ignore-certificate-errors-spki-list={key_of(relay.certificate)}"
    with chromium(tmp_path_factory.mktemp("phone"), trust) as opened:
        yield opened


def only_by(phone: Phone, relay: Turn, way: str, mine: Login) -> None:
    """Leaves the page no path but the relay."""
    server = {"urls": [relay.url(way)], "username": mine.username, "credential": mine.password}
    phone.page.evaluate("ice => { window.ice = ice; }", {"iceServers": [server], "iceTransportPolicy": "relay"})


def pair(phone: Phone) -> dict[str, str]:
    """By what the page's packets go."""
    found: dict[str, str] = phone.page.evaluate(
        """async () => {
          const all = new Map();
          (await pc.getStats()).forEach(report => all.set(report.id, report));
          const used = [...all.values()].find(one =>
            one.type === 'candidate-pair' && one.nominated && one.state === 'succeeded');
          const local = all.get(used.localCandidateId);
          return {kind: local.candidateType, way: local.relayProtocol || ''};
        }"""
    )
    return found


def check_both_ways(seat: Seat, phone: Phone) -> None:
    until(lambda: phone.seen()["frames"] > 20, phone)
    until(lambda: greenish(stage(seat)), phone)
    until(lambda: abs(phone.loudest()[0] - AGENT_TONE) < 15 and phone.loudest()[1] > -60, phone)
    seat.wait(ports.Quality, where=lambda quality: quality.audio_level > 0.05)


@pytest.mark.parametrize("way", WAYS)
def test_a_phone_behind_a_wall_is_seen_and_heard_through_the_relay(
    seat: Seat, phone: Phone, relay: Turn, way: str
) -> None:
    seat.open()
    only_by(phone, relay, way, credentials())
    connect(seat, phone)
    check_both_ways(seat, phone)
    assert pair(phone) == {"kind": "relay", "way": way}
    assert phone.heard(PHONE_TONE) < phone.heard(AGENT_TONE) - 20


@pytest.mark.parametrize("way", WAYS)
def test_a_seat_behind_a_wall_too_has_a_place_of_its_own(
    seat: Seat, phone: Phone, relay: Turn, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ends by the relay; the phone by UDP, the seat by each way."""
    monkeypatch.setenv("SSL_CERT_FILE", str(relay.root))
    mine = credentials("seat_1")
    server = ports.IceServer((relay.url(way),), mine.username, mine.password)
    seat.post(ports.OpenCall("c1", "2026-00318", "07号席", "坐席", ice_servers=(server,)))
    seat.wait(ports.CallOpened)
    only_by(phone, relay, "udp", credentials())
    answer = connect(seat, phone)
    assert " typ relay " in answer.sdp
    check_both_ways(seat, phone)


def test_a_phone_with_an_old_login_finds_no_way(seat: Seat, phone: Phone, relay: Turn) -> None:
    seat.open()
    only_by(phone, relay, "udp", credentials(age=VALID + 2 * STEP))
    assert "a=candidate" not in phone.offer()
    only_by(phone, relay, "udp", credentials())
    assert " typ relay " in phone.offer(), "by a log-in of today there is a way"
