"""The seat's process is killed in the middle of a recording."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from media.core.chain import from_lines
from media.fragments import segments_path
from media.readback import read_back
from media.recovery import recover

ROOT = Path(__file__).parents[3]
SEAT = """
import sys
from pathlib import Path
from media import ports
from media.engine import MediaEngine

def told(event):
    if isinstance(event, ports.SegmentClosed):
        print(event.index, flush=True)

engine = MediaEngine(ports.EngineOptions(use_devices=False))
engine.start(told)
engine.post(ports.OpenCall("c1", "2026-00318", "07号席", "坐席"))
engine.post(ports.StartRecording("c1", Path(sys.argv[1])))
sys.stdin.read()
"""


def test_after_kill_9_the_file_plays_up_to_its_last_fragment(tmp_path: Path) -> None:
    path = tmp_path / "r.mp4"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SEAT, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as seat:
        assert seat.stdout is not None
        for line in seat.stdout:
            if int(line) == 3:
                break
        seat.send_signal(signal.SIGKILL)
    told = from_lines(segments_path(path).read_bytes())
    assert told[-1].index >= 3
    decoded = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"], capture_output=True, check=True, text=True
    )
    assert "moov" not in decoded.stderr
    found = recover(path)
    assert found.segments[: len(told)] == tuple(told)
    assert 3.0 <= found.duration_seconds < 5.0
    assert read_back(path, found.segments).findings == ()
    assert found.gaps == ((0.0, found.duration_seconds),)
