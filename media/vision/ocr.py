"""The door to RapidOCR: one engine, loaded once, from the files in its wheel and never from the network."""

import importlib.util
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from media.vision.errors import ModelMissing
from media.vision.pictures import Rgb

THREADS = 2
SLIM = 4
"""Longer by shorter side from which a picture is padded: the engine enlarges the shorter side to 736 pixels, which
would make gigabytes of a narrow strip."""
MODELS = {"Det": "PP-OCRv6_det_small.onnx", "Rec": "PP-OCRv6_rec_small.onnx"}


@dataclass(frozen=True, eq=False)
class Line:
    """One piece of text. ``box``: its corners from the top left clockwise in pixels, shape (4, 2)."""

    text: str
    score: float
    box: npt.NDArray[np.float64]


class TextReader:
    """Finds and reads text. Thread-safe: one picture at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine: Any = None

    def load(self) -> None:
        """Loads the models now rather than at the first picture. Raises ``ModelMissing``."""
        page = np.full((200, 600, 3), 255, dtype=np.uint8)
        self.read(np.asarray(cv2.putText(page, "2026", (80, 130), cv2.FONT_HERSHEY_SIMPLEX, 3, (0, 0, 0), 6), np.uint8))

    def read(self, picture: Rgb) -> list[Line]:
        """Every piece of text the engine is fairly sure of, in no promised order. Raises ``ModelMissing``."""
        with self._lock:
            found = self._ready()(np.ascontiguousarray(padded(picture)[..., ::-1]))
        if found.boxes is None or found.txts is None:
            return []
        boxes = np.asarray(found.boxes, dtype=np.float64)
        return [Line(t, float(s), b) for t, s, b in zip(found.txts, found.scores, boxes, strict=True)]

    def _ready(self) -> Any:
        if self._engine is None:
            from rapidocr import RapidOCR  # takes 0.7 s; not every process reads cards

            sessions = {step: _session(_model(name)) for step, name in MODELS.items()}
            engine = RapidOCR(params={"Global.use_cls": False, "Global.log_level": "error"})
            for step, session in sessions.items():
                engine.cfg[step]._set_flag("allow_objects", True)
                engine.cfg[step].session = session
            self._engine = engine
        return self._engine


def padded(picture: Rgb) -> Rgb:
    """At least a quarter as wide as high and the reverse; grey is added to the right or below, so places stay."""
    height, width = picture.shape[:2]
    below, right = max(0, -(-width // SLIM) - height), max(0, -(-height // SLIM) - width)
    return np.pad(picture, ((0, below), (0, right), (0, 0)), constant_values=127) if below or right else picture


def _session(path: Path) -> Any:
    """Two threads that sleep while they wait: spinning ones cost half as much again on a busy machine."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), sess_options=options, providers=["CPUExecutionProvider"])


def _model(name: str) -> Path:
    """Where the wheel keeps ``name``. Sessions made from it are what keeps the engine from downloading."""
    spec = importlib.util.find_spec("rapidocr")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "models" / name
        if path.is_file():
            return path
    raise ModelMissing(f"{name} of the package rapidocr")
