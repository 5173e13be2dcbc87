"""A real Chromium page that plays the customer's phone, driven from a test. Signalling is passed by hand."""

import json
import math
import struct
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

PHONE_TONE = 1000

PAGE = """<!doctype html><meta charset=utf-8><title>phone</title><video id=v autoplay playsinline muted></video>
<script>
async function connect(video) {
  window.t0 = performance.now();
  const pc = window.pc = new RTCPeerConnection(window.ice || {iceServers: []});
  const media = window.media = window.media ||
    await navigator.mediaDevices.getUserMedia({audio: {echoCancellation: false, noiseSuppression: false,
      autoGainControl: false}, video: {width: 640, height: 480, frameRate: 15}});
  for (const track of media.getTracks()) if (video || track.kind == 'audio') pc.addTrack(track, media);
  if (!video) pc.addTransceiver('video', {direction: 'recvonly'});
  const got = window.got = new MediaStream();
  pc.ontrack = event => { got.addTrack(event.track);
    if (event.track.kind == 'video') show(got); else listen(event.track); };
  await pc.setLocalDescription(await pc.createOffer());
  await new Promise(done => { if (pc.iceGatheringState == 'complete') done();
    pc.onicegatheringstatechange = () => pc.iceGatheringState == 'complete' && done(); setTimeout(done, 2000); });
  return pc.localDescription.sdp;
}
function show(stream) {
  const v = document.getElementById('v');
  v.srcObject = stream;
  v.requestVideoFrameCallback(() => { window.firstPicture = (performance.now() - window.t0) / 1000; });
}
function listen(track) {
  const context = window.audio = new AudioContext({sampleRate: 48000});
  const node = window.meter = context.createAnalyser();
  node.fftSize = 4096;
  node.smoothingTimeConstant = 0;
  context.createMediaStreamSource(new MediaStream([track])).connect(node);
}
async function accept(sdp) { await window.pc.setRemoteDescription({type: 'answer', sdp}); }
function loudest() {
  const bins = new Float32Array(window.meter.frequencyBinCount);
  window.meter.getFloatFrequencyData(bins);
  let best = 0;
  bins.forEach((value, index) => { if (value > bins[best]) best = index; });
  return [best * 48000 / 4096, bins[best]];
}
function heard(pitch) {
  const bins = new Float32Array(window.meter.frequencyBinCount);
  window.meter.getFloatFrequencyData(bins);
  return Math.max(-200, bins[Math.round(pitch * 4096 / 48000)]);
}
function seen() {
  const v = document.getElementById('v');
  return {width: v.videoWidth, height: v.videoHeight, frames: v.getVideoPlaybackQuality().totalVideoFrames,
          first: window.firstPicture || null, state: window.pc.connectionState};
}
</script>"""


def write_tone(path: Path, pitch: int = PHONE_TONE, seconds: int = 2) -> None:
    """A WAV of a steady tone, mono, 48 kHz."""
    samples = (int(8000 * math.sin(2 * math.pi * pitch * n / 48000)) for n in range(48000 * seconds))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A plain HTTP server on the loopback; yields its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Phone:
    """One page."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.page.goto(address + "/phone.html")

    def offer(self, video: bool = True) -> str:
        """Opens camera and microphone and returns the SDP with all candidates."""
        return str(self.page.evaluate(f"connect({json.dumps(video)})"))

    def accept(self, sdp: str) -> None:
        self.page.evaluate("sdp => accept(sdp)", sdp)

    def seen(self) -> dict[str, Any]:
        return dict(self.page.evaluate("seen()"))

    def loudest(self) -> tuple[float, float]:
        """(frequency, level in dB) of what the page hears."""
        frequency, decibel = self.page.evaluate("loudest()")
        return float(frequency), float(decibel)

    def heard(self, pitch: float) -> float:
        """How loud a pitch is for the page, in dB; -200 for nothing."""
        return float(self.page.evaluate("pitch => heard(pitch)", pitch))

    def hang_up(self) -> None:
        self.page.evaluate("pc.close()")

    def mute_camera(self, muted: bool) -> None:
        """The track stays and sends black pictures."""
        self.page.evaluate("on => { media.getVideoTracks()[0].enabled = on; }", not muted)

    def freeze(self) -> None:
        """The camera stops sending, the connection stays."""
        self.page.evaluate("media.getVideoTracks()[0].stop()")


@contextmanager
def chromium(folder: Path, *more: str) -> Iterator[tuple[Browser, str]]:
    """A headless browser with fake devices, and the address of the page."""
    (folder / "phone.html").write_text(PAGE, encoding="utf-8")
    write_tone(folder / "tone.wav")
    flags = [
        "--no-sandbox",
        "--allow-loopback-in-peer-connection",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={folder / 'tone.wav'}",
        "--autoplay-policy=no-user-gesture-required",
        *more,
    ]
    with serving(folder) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        try:
            yield browser, address
        finally:
            browser.close()
