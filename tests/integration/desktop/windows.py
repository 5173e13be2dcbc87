"""A real window over the real service, in the test's own process."""

from pathlib import Path

from desktop.app import Application, Options, build
from media.ports import EngineOptions


def opened(url: str, data: Path, frame_rate: int = 15) -> Application:
    """It is shown; whoever opens it closes it."""
    media = EngineOptions(use_devices=False, frame_rate=frame_rate)
    made = build(Options(url, data=data, media=media))
    made.show()
    return made
