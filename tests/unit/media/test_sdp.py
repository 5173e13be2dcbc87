"""What we read from session descriptions, and the private names of aiortc that we lean on."""

import asyncio

import pytest
from aiortc import RTCPeerConnection

from media.errors import Unavailable
from media.hearing import Hearing
from media.peer import Peer
from media.sdp import fingerprint, sends, takes
from media.slots import LatestPicture

SHA256 = ":".join(["AB"] * 32)
INVENTED = ":".join(["CD"] * 32)
SHA512 = ":".join(["EF"] * 64)
SHA1 = ":".join(["01"] * 20)


def test_the_sha_256_fingerprint_is_preferred() -> None:
    sdp = f"v=0\r\nm=audio 9 x\r\na=fingerprint:sha-512 {SHA512}\r\na=fingerprint:sha-256 {SHA256.lower()}\r\n"
    assert fingerprint(sdp) == f"sha-256 {SHA256}"
    assert fingerprint(f"a=fingerprint:sha-512 {SHA512}\n") == f"sha-512 {SHA512}"


def test_one_that_all_parts_name_is_that_of_the_connection() -> None:
    line = f"a=fingerprint:sha-256 {SHA256}\r\n"
    assert fingerprint(f"v=0\r\n{line}m=audio 9 x\r\n{line}m=video 9 x\r\n{line.lower()}") == f"sha-256 {SHA256}"


@pytest.mark.parametrize(
    "other",
    [
        f"a=fingerprint:sha-256 {INVENTED}",
        f"a=fingerprint:sha-256 {SHA256}\r\na=fingerprint:sha-256 {INVENTED}",
        f"a=fingerprint:sha-512 {SHA512}",
        f"a=fingerprint:sha-256  {INVENTED} ",
        f"a=x\x0ba=fingerprint:sha-256 {INVENTED}",
        "a=fingerprint:sha-256 rubbish",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_parts_that_name_different_ones_are_refused(other: str, first: bool) -> None:
    lines = [f"a=fingerprint:sha-256 {SHA256}", other]
    one, two = lines if first else reversed(lines)
    with pytest.raises(Unavailable, match="不一致"):
        fingerprint(f"v=0\r\nm=audio 9 x\r\n{one}\r\nm=video 9 x\r\n{two}\r\n")


def test_two_of_a_kind_in_each_part_name_none() -> None:
    both = f"a=fingerprint:sha-256 {SHA256}\r\na=fingerprint:sha-256 {INVENTED}\r\n"
    with pytest.raises(Unavailable):
        fingerprint(f"v=0\r\nm=audio 9 x\r\n{both}m=video 9 x\r\n{both}")


@pytest.mark.parametrize("sdp", ["", "v=0\r\n", "a=fingerprint:sha-256 AB:CD\r\n", f"a=fingerprint:sha-1 {SHA1}\r\n"])
def test_a_description_without_one_is_refused(sdp: str) -> None:
    with pytest.raises(Unavailable):
        fingerprint(sdp)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=sendrecv\r\n", True),
        ("m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=sendonly\r\n", True),
        ("m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=recvonly\r\n", False),
        ("m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=inactive\r\n", False),
        ("m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=sendrecv\r\n", False),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=sendrecv\r\n", False),
        ("m=audio 9 x\r\na=recvonly\r\nm=video 9 x\r\na=sendrecv\r\n", True),
    ],
)
def test_whether_a_camera_is_sent(lines: str, expected: bool) -> None:
    assert sends("v=0\r\n" + lines, "video") is expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("m=video 9 x\r\na=sendrecv\r\n", True),
        ("m=video 9 x\r\n", True),
        ("m=video 9 x\r\na=recvonly\r\n", True),
        ("m=video 9 x\r\na=sendonly\r\n", False),
        ("m=video 9 x\r\na=inactive\r\n", False),
        ("m=video 0 x\r\n", False),
        ("m=audio 9 x\r\na=sendrecv\r\n", False),
    ],
)
def test_whether_the_stage_is_wanted(lines: str, expected: bool) -> None:
    assert takes("v=0\r\n" + lines, "video") is expected


async def test_a_peer_never_asks_a_public_server_and_closes_clean() -> None:
    peer = Peer((), LatestPicture(), Hearing(), lambda state: None, lambda seconds: None)
    offering = RTCPeerConnection()
    offering.addTransceiver("audio")
    offering.addTransceiver("video")
    await offering.setLocalDescription(await offering.createOffer())
    began = asyncio.get_running_loop().time()
    answer = await peer.answer(offering.localDescription.sdp)
    assert asyncio.get_running_loop().time() - began < 2, "gathering waited for a server"
    assert "typ srflx" not in answer.sdp
    assert answer.local_fingerprint in answer.sdp
    await offering.close()
    await peer.close()


@pytest.mark.parametrize("rubbish", ["m=video 9 x\r\n", "v=0\r\nm=audio x\r\n", "v=0\r\n"])
async def test_an_offer_that_is_none_is_refused(rubbish: str) -> None:
    peer = Peer((), LatestPicture(), Hearing(), lambda state: None, lambda seconds: None)
    with pytest.raises(Unavailable):
        await peer.answer(rubbish + f"a=fingerprint:sha-256 {SHA256}\r\n")
    await peer.close()
