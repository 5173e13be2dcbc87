"""A supervisor's ear: whatever fails while it opens or closes, nothing stays on."""

import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from media import ports
from media.devices.sound import Sound
from media.listening import Listening
from media.peer import Peer
from media.rtc.relays import Relays
from media.slots import LatestPicture
from media.stage import Pacer
from tests.integration.media.seat import Seat

LISTEN = ports.Listen("c1", "o1")


@pytest.fixture
def ear() -> Iterator[Seat]:
    made = Seat()
    yield made
    made.close()


def running() -> set[str]:
    """The threads of devices and clocks."""
    return {thread.name for thread in threading.enumerate()} & {"camera", "devices", "stage", "sound"}


def listens_again(ear: Seat) -> None:
    since = len(ear.events)
    ear.post(LISTEN)
    assert ear.wait(ports.LocalOffer, since=since).sdp
    assert running() == {"sound"}
    ear.post(ports.CloseCall("c1"))
    ear.wait(ports.CallClosed, since=since)
    assert running() == set()


@pytest.mark.parametrize("faulty", [Peer, Relays, Sound])
def test_a_fault_while_closing_leaves_nothing_on(
    ear: Seat, monkeypatch: pytest.MonkeyPatch, faulty: type[Peer | Relays | Sound]
) -> None:
    close: Callable[[Any], Awaitable[None] | None] = faulty.close

    def sound_fault(one: object) -> None:
        close(one)
        raise RuntimeError("fault")

    async def fault(one: object) -> None:
        done = close(one)  # for the sake of the other tests
        assert done is not None
        await done
        raise RuntimeError("fault")

    ear.post(LISTEN)
    ear.wait(ports.LocalOffer)
    assert running() == {"sound"}
    with monkeypatch.context() as broken:
        broken.setattr(faulty, "close", sound_fault if faulty is Sound else fault)
        ear.post(ports.CloseCall("c1"))
        ear.wait(ports.CallClosed)
        assert "RuntimeError" in ear.wait(ports.Failed).message
    assert running() == set()
    listens_again(ear)


@pytest.mark.parametrize("faulty", [(Pacer, "start"), (Peer, "offer")])
def test_an_ear_that_cannot_be_opened_leaves_nothing_on(
    ear: Seat, monkeypatch: pytest.MonkeyPatch, faulty: tuple[type[Pacer | Peer], str]
) -> None:
    def fault(_: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as broken:
        broken.setattr(*faulty, fault)
        ear.post(LISTEN)
        assert ear.wait(ports.Failed).what == "Listen"
    assert ear.all(ports.CallOpened) == []
    assert running() == set()
    listens_again(ear)


async def test_the_microphone_of_who_only_listens_is_not_missed() -> None:
    listening = Listening(LISTEN, ports.EngineOptions(use_devices=False), lambda _: None, LatestPicture())
    await listening.open()
    try:
        assert listening.devices.sound.muted
        listening.set_talking(True)
        assert not listening.devices.sound.muted
    finally:
        await listening.close()
