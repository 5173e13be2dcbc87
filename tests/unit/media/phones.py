"""Phones that call a seat in the same process: aiortc's own connections, with a voice each."""

import asyncio
import time
from collections.abc import Callable

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from media.core.mixing import Samples
from media.tracks import VoiceTrack
from tests.unit.media.rtc.wire import spoken


class Phones:
    """All that were made. ``close`` them."""

    def __init__(self) -> None:
        self.made: list[RTCPeerConnection] = []
        self._voices: list[asyncio.Task[None]] = []

    def new(self) -> RTCPeerConnection:
        phone = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.made.append(phone)
        return phone

    async def offer(self, phone: RTCPeerConnection) -> tuple[str, VoiceTrack]:
        """Its description, and the voice that it offers."""
        track = VoiceTrack()
        phone.addTrack(track)
        await phone.setLocalDescription(await phone.createOffer())
        return phone.localDescription.sdp, track

    def speak(self, track: VoiceTrack, voice: Callable[[int], Samples] = spoken) -> None:
        self._voices.append(asyncio.create_task(_speak(track, voice)))

    async def hush(self) -> None:
        """Ends the voices."""
        for voice in self._voices:
            voice.cancel()
        await asyncio.gather(*self._voices, return_exceptions=True)

    async def close(self) -> None:
        for phone in self.made:
            await phone.close()


async def take(phone: RTCPeerConnection, answer: str) -> None:
    """Has a phone take the seat's answer."""
    await phone.setRemoteDescription(RTCSessionDescription(answer, "answer"))


async def _speak(track: VoiceTrack, voice: Callable[[int], Samples]) -> None:
    for number in range(2000):
        track.push(number, voice(number))
        await asyncio.sleep(0.02)


async def until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not happen in time"
        await asyncio.sleep(0.02)
