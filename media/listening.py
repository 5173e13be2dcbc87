"""A supervisor's ear in a call at another seat: stage and voices come in, the microphone goes out on request."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace

from media import ports
from media.core.mixing import silence
from media.devices.seat import InUse, SeatDevices
from media.hearing import Hearing
from media.peer import Peer
from media.rtc.relays import Relays
from media.slots import LatestPicture
from media.stage import Pacer

NO_CAMERA = "旁听不用摄像头"


class Listening:
    """Everything between Listen and CloseCall. All methods but the clock's are for the engine's loop."""

    def __init__(
        self,
        command: ports.Listen,
        options: ports.EngineOptions,
        emit: Callable[[ports.Event], None],
        stage: LatestPicture,
    ) -> None:
        self.call_id = command.call_id
        self._offer_id = command.offer_id
        self._options = options
        self._emit = emit
        self._stage = stage
        self._loop = asyncio.get_running_loop()
        self._voice = Hearing()
        self._talking = False
        self._answered = False
        self._relays = Relays(command.ice_servers)
        self._clocks: list[Pacer] = []

    async def open(self) -> None:
        """Opens the devices and offers; raises ``Unavailable``.

        Where anything fails, what was opened by then is closed.
        """
        self._relays.look()
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self._relays.close)
            self.devices = await asyncio.to_thread(SeatDevices, self._options, None, self._devices_changed)
            self.devices.sound.muted = True  # until they talk, nobody misses their voice
            undo.push_async_callback(asyncio.to_thread, self._close_devices)
            servers = await self._relays.servers()
            self._peer = Peer(servers, self._stage, self._voice, self._on_state, self._on_first)
            undo.push_async_callback(self._peer.close)
            clock = Pacer("sound", 50, self._tick, self._trouble)
            clock.start()
            self._clocks.append(clock)
            offer = await self._peer.offer()
            undo.pop_all()
        now = self.devices.in_use()
        self._emit(ports.CallOpened(self.call_id, NO_CAMERA, now.microphone, now.loudspeaker))
        self._emit(ports.LocalOffer(self.call_id, offer, self._offer_id))

    def _devices_changed(self, now: InUse, message: str) -> None:
        self._emit(replace(now, camera=NO_CAMERA).event(self.call_id, message))

    def watch_voice(self, on: bool) -> None:
        """Whether the microphone's level is told."""
        self.devices.watch_voice(self._voice_level if on else None)
        self._devices_changed(self.devices.in_use(), "")

    def _voice_level(self, level: float) -> None:
        self._emit(ports.VoiceLevel(self.call_id, level))

    async def answered(self, command: ports.RemoteAnswer) -> None:
        """Takes the seat's answer once; one to another offer is passed over. Raises ``Unavailable``."""
        if self._answered or command.offer_id != self._offer_id:
            return
        self._answered = True
        await self._peer.accept(command.sdp)

    def set_talking(self, on: bool) -> None:
        """Whether the microphone goes out."""
        self._talking = on
        self.devices.sound.muted = not on

    async def close(self) -> None:
        """Ends connection, clock and devices, each whatever comes of the others; then CallClosed."""
        async with AsyncExitStack() as rest:
            rest.callback(self._closed)
            rest.push_async_callback(asyncio.to_thread, self._close_devices)
            rest.push_async_callback(self._relays.close)
            await self._peer.close()

    def _closed(self) -> None:
        self._stage.put(None)
        self._emit(ports.CallClosed(self.call_id))

    def _close_devices(self) -> None:
        try:
            for clock in self._clocks:
                clock.close()
        finally:
            self.devices.close()

    def _tick(self, number: int, due_ns: int) -> None:
        """One step of 20 ms, on the clock's thread."""
        said = self.devices.sound.take()
        self.devices.sound.play(self._voice.take())
        self._loop.call_soon_threadsafe(self._peer.heard.push, number, said if self._talking else silence())

    def _on_state(self, state: str) -> None:
        self._emit(ports.PeerChanged(self.call_id, ports.SEAT, state))

    def _on_first(self, seconds: float) -> None:
        self._emit(ports.FirstPicture(self.call_id, ports.SEAT, round(seconds, 3)))

    def _trouble(self, message: str) -> None:
        self._emit(ports.Failed(self.call_id, "sound", f"播放声音时出错：{message}"))
