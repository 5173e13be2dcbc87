"""Which devices this person wants on this machine; in a file of their own account."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

from media.core.devices import DeviceChoice, Processing

log = logging.getLogger(__name__)


class ChoiceStore:
    """``choice`` as it was saved last, or the system's own; ``names`` by key, for devices that are not there now."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.choice = DeviceChoice()
        self.names: dict[str, str] = {}
        self._load()

    def _load(self) -> None:
        """A file that is none counts as no choice: it is about comfort, not about evidence."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            chosen = {kind: str(found[kind]) for kind in ("camera", "microphone", "loudspeaker")}
            self.choice = DeviceChoice(**chosen, processing=Processing(found["processing"]))
            self.names = {str(key): str(name) for key, name in dict(found.get("names", {})).items()}
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError):
            log.warning("the choice of devices could not be read; the system's own are used")

    def save(self, choice: DeviceChoice, names: Mapping[str, str]) -> None:
        """Raises ``OSError``; the choice holds for this session all the same."""
        wanted = (choice.camera, choice.microphone, choice.loudspeaker)
        self.choice = choice
        self.names = {key: names[key] for key in wanted if key in names}
        fields = {
            "camera": choice.camera, "microphone": choice.microphone, "loudspeaker": choice.loudspeaker,
            "processing": choice.processing.value, "names": self.names,
        }  # fmt: skip
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps(fields, ensure_ascii=False), encoding="utf-8")
        beside.replace(self._path)
