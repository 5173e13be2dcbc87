"""Finds faces, judges whether a live picture is good enough, and measures how far two faces are apart.

dlib: HOG frontal detector, five landmarks, ResNet embedding (128 numbers, Euclidean distance). See ``media.vision`` for
the models' licences. The thresholds are those of the model's author, moved to the careful side; on Chinese faces they
are unproven, so what comes out is a hint for the agent who looks at both pictures.
"""

import importlib.util
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from media.vision.errors import ModelMissing
from media.vision.pictures import Rgb, fit, turned

Embedding = npt.NDArray[np.float64]
"""Shape (128,)."""

SHAPE_MODEL = "shape_predictor_5_face_landmarks.dat"
FACE_MODEL = "dlib_face_recognition_resnet_model_v1.dat"
WORKING_SIDE = 1000
"""Pixels of the longer side for detection: 80 ms, and finds faces from 80 pixels (8 % of the side) up."""
SURE = 0.8
"""Detector score that ends the search for the upright turn; a face lying on its side stays below 0.5."""
SIMILAR = 0.40
DIFFERENT = 0.50
"""The same figure as the service's limit for a doubt. The model's author uses 0.60; a live picture against the same
photograph printed on a card gives 0.07 … 0.16, a blurred one 0.3."""

MIN_FACE = 90
"""Pixels across a live face below which its embedding is poor."""
MAX_YAW = 0.22
"""Nose off the middle between the eyes, in distances between the eyes' outer corners (0.22 is about 20 degrees)."""
MAX_ROLL = 20.0
"""Degrees of tilt."""
MIN_SHARPNESS = 12.0
"""Variance of the Laplacian on a face chip of 150 × 150 pixels at mean luma 128."""
MIN_EYE_CONTRAST = 0.10
"""Standard deviation of the luma around an eye, as a share of the face's mean; dark glasses have less."""


@dataclass(frozen=True)
class Face:
    """``box``: left, top, right, bottom in pixels. ``points``: the five landmarks, shape (5, 2).

    Points 0, 1: outer and inner corner of the eye on the picture's right; 2, 3: the eye on its left; 4: below the nose.
    """

    box: tuple[int, int, int, int]
    score: float
    points: tuple[tuple[float, float], ...]
    embedding: Embedding

    @property
    def width(self) -> int:
        return self.box[2] - self.box[0]

    @property
    def yaw(self) -> float:
        """0 frontal; positive towards the picture's right. A share, see ``MAX_YAW``."""
        right, left, nose = (np.array(self.points[k]) for k in (0, 2, 4))
        axis = right - left
        return float(np.dot(nose - (right + left) / 2, axis) / np.dot(axis, axis))

    @property
    def roll(self) -> float:
        """Degrees."""
        dx, dy = np.array(self.points[0]) - np.array(self.points[2])
        return float(np.degrees(np.arctan2(dy, dx)))


@dataclass(frozen=True)
class FaceQuality:
    """``score`` 0 … 1; ``issues`` in Chinese, each telling the agent what to ask of the customer."""

    score: float
    issues: tuple[str, ...]


class FaceReader:
    """Thread-safe: one picture at a time, for dlib's detector keeps state."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._models: tuple[Any, Any, Any] | None = None

    def load(self) -> None:
        """Loads the models now (0.5 s, 35 MB). Raises ``ModelMissing``."""
        with self._lock:
            self._ready()

    def find(self, picture: Rgb) -> list[Face]:
        """Every face, the largest first. Raises ``ModelMissing``."""
        with self._lock:
            return self._find(picture)

    def find_on_card(self, picture: Rgb) -> Face | None:
        """The portrait of a photographed card, whichever way up the picture is."""
        best: Face | None = None
        for quarter_turns in (0, 1, 3, 2):
            for face in self.find(turned(picture, quarter_turns)):
                if best is None or face.score > best.score:
                    best = face
            if best is not None and best.score > SURE:
                break
        return best

    def _find(self, picture: Rgb) -> list[Face]:
        detector, shaper, embedder = self._ready()
        small = np.ascontiguousarray(fit(picture, WORKING_SIDE))
        boxes, scores, _ = detector.run(small, 0, 0.0)
        if not boxes and max(small.shape[:2]) <= 700:
            boxes, scores, _ = detector.run(small, 1, 0.0)
        back = max(picture.shape[:2]) / max(small.shape[:2])
        found = [
            self._face(small, box, score, shaper, embedder, back) for box, score in zip(boxes, scores, strict=True)
        ]
        return sorted(found, key=lambda face: -face.width)

    def _face(self, small: Rgb, box: Any, score: float, shaper: Any, embedder: Any, back: float) -> Face:
        shape = shaper(small, box)
        return Face(
            box=(int(box.left() * back), int(box.top() * back), int(box.right() * back), int(box.bottom() * back)),
            score=float(score),
            points=tuple((p.x * back, p.y * back) for p in shape.parts()),
            embedding=np.array(embedder.compute_face_descriptor(small, shape), dtype=np.float64),
        )

    def _ready(self) -> tuple[Any, Any, Any]:
        if self._models is None:
            import dlib

            self._models = (
                dlib.get_frontal_face_detector(),
                dlib.shape_predictor(str(_model(SHAPE_MODEL))),
                dlib.face_recognition_model_v1(str(_model(FACE_MODEL))),
            )
        return self._models


def distance(one: Face, other: Face) -> float:
    """Euclidean, 0 for the same picture, about 0.6 and up between different people."""
    return float(np.linalg.norm(one.embedding - other.embedding))


def advice(apart: float) -> str:
    """Words for a distance; never a decision."""
    if apart < SIMILAR:
        return "较为相似"
    return "难以判断，请人工比对" if apart < DIFFERENT else "差异较大，请人工仔细比对"


def judge_live(picture: Rgb, faces: Sequence[Face]) -> FaceQuality:
    """Whether the largest face is fit to compare: size, sharpness, light, pose, eyes, and nobody else there."""
    if not faces:
        return FaceQuality(0.0, ("没有看到人脸，请客户正对镜头、取下口罩和帽子",))
    face = faces[0]
    light, sharp = _light_and_sharpness(picture, face)
    yaw, roll, eyes = abs(face.yaw), abs(face.roll), _eye_contrast(picture, face)
    checks = [
        (face.width / (1.6 * MIN_FACE), face.width >= MIN_FACE, "人脸太小，请客户靠近手机"),
        (sharp / (3 * MIN_SHARPNESS), sharp >= MIN_SHARPNESS, "画面模糊，请客户拿稳手机或擦一擦镜头"),
        ((light - 20) / 60, light >= 50, "光线太暗，请客户面向光亮处"),
        ((255 - light) / 45, light <= 225, "光线太强，请客户避开直射的光"),
        (1.6 - yaw / MAX_YAW, yaw <= MAX_YAW, "没有正对镜头，请客户把脸转正"),
        (1.6 - roll / MAX_ROLL, roll <= MAX_ROLL, "头偏得较多，请客户把头摆正"),
        (eyes / (2 * MIN_EYE_CONTRAST), eyes >= MIN_EYE_CONTRAST, "看不清眼睛，请客户取下墨镜或撩开头发"),
        (1 / len(faces), len(faces) == 1, f"画面里有 {len(faces)} 张人脸，请只留客户本人"),
    ]
    score = float(np.prod([min(1.0, max(0.0, share)) for share, _, _ in checks]))
    return FaceQuality(round(score, 3), tuple(issue for _, fine, issue in checks if not fine))


def _light_and_sharpness(picture: Rgb, face: Face) -> tuple[float, float]:
    """Mean luma 0 … 255 of the face, and its sharpness as in ``MIN_SHARPNESS``."""
    luma = np.asarray(cv2.cvtColor(_chip(picture, face), cv2.COLOR_RGB2GRAY), dtype=np.float64)
    light = float(luma.mean())
    return light, float(np.asarray(cv2.Laplacian(luma, cv2.CV_64F)).var()) * (128 / max(light, 1)) ** 2


def _eye_contrast(picture: Rgb, face: Face) -> float:
    """The weaker of the two eyes. An open eye is white beside dark; glasses, hair or a hand are one tone."""
    luma = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.float64)
    mean = max(1.0, float(_crop(luma, face.box).mean()))
    weakest = 1.0
    for outer, inner in ((0, 1), (2, 3)):
        a, b = np.array(face.points[outer]), np.array(face.points[inner])
        (cx, cy), half = (a + b) / 2, max(2.0, float(np.linalg.norm(a - b)) / 2)
        patch = _crop(luma, (int(cx - half), int(cy - 0.5 * half), int(cx + half) + 1, int(cy + 0.5 * half) + 1))
        weakest = min(weakest, float(patch.std()) / mean if patch.size else 0.0)
    return weakest


def _chip(picture: Rgb, face: Face) -> Rgb:
    chip = _crop(picture, face.box)
    return np.asarray(cv2.resize(chip, (150, 150), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _crop(picture: Any, box: tuple[int, int, int, int]) -> Any:
    left, top, right, bottom = box
    return picture[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]


def _model(name: str) -> Path:
    """The file inside face_recognition_models, found without running that package."""
    spec = importlib.util.find_spec("face_recognition_models")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "models" / name
        if path.is_file():
            return path
    raise ModelMissing(f"{name} of the package face_recognition_models")
