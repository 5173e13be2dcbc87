"""Specimen resident ID cards for demonstration and tests: drawn by us, watermarked, of no real person.

``card_front`` and ``card_back`` draw the two sides flat, 1600 pixels wide in the proportions of ISO/IEC 7810 ID-1
(85.6 × 54 mm). ``photograph`` lays a drawing on a table and takes its picture the way a phone does.
"""

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from desktop.demo.camera_files import write_camera_y4m, write_voice_wav
from desktop.demo.portrait import portrait

__all__ = [
    "DEMO_BORROWER",
    "Person",
    "card_back",
    "card_front",
    "photograph",
    "write_camera_y4m",
    "write_voice_wav",
]

WIDTH, HEIGHT = 1600, 1009
MM = WIDTH / 85.6
CORNER = round(3.2 * MM)
INK, LABEL, RED = (28, 30, 34), (46, 104, 160), (178, 40, 42)
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Person:
    """What a card says: an address of at most 33 characters, dates as they are printed, 2016.08.12.

    Sex and birth follow from ``number`` (GB 11643): an even 17th digit is 女.
    """

    name: str = "王秀兰"
    number: str = "11010519491231002X"
    ethnicity: str = "汉"
    address: str = "福建省上杭县茶岭镇示范村12号"
    authority: str = "上杭县公安局"
    valid_from: str = "2016.08.12"
    valid_until: str = "长期"

    @property
    def sex(self) -> str:
        return "男" if int(self.number[16]) % 2 else "女"

    @property
    def birth(self) -> tuple[int, int, int]:
        return int(self.number[6:10]), int(self.number[10:12]), int(self.number[12:14])


DEMO_BORROWER = Person()


@cache
def _font(size: int, bold: bool = False, family: str = "Noto Sans CJK SC") -> ImageFont.FreeTypeFont:
    """The system's CJK face. Raises ``FileNotFoundError`` where ``fonts-noto-cjk`` is not installed."""
    style = "bold" if bold else "regular"
    found = subprocess.run(
        ["fc-match", "-f", "%{file}|%{index}", f"{family}:{style}"], capture_output=True, text=True, check=True
    ).stdout
    path, _, index = found.partition("|")
    if "NotoS" not in Path(path).name:
        raise FileNotFoundError("Noto CJK is missing: install the package fonts-noto-cjk")
    return ImageFont.truetype(path, size, index=int(index))


def card_front(person: Person, face: Image.Image | None = None) -> Image.Image:
    """The portrait side 人像面. ``face`` replaces the built-in portrait (any size; 26 : 33 suits).

    Raises ``ValueError`` for an address that the card has no room for.
    """
    if len(person.address) > 33:
        raise ValueError("a card has room for three lines of eleven characters")
    card = _blank((214, 232, 238), (236, 240, 226))
    draw = ImageDraw.Draw(card)
    year, month, day = person.birth
    _row(draw, 7.6, [(5.6, "姓名", False), (14.6, person.name, True)])
    _row(
        draw,
        14.4,
        [(5.6, "性别", False), (14.6, person.sex, True), (24.5, "民族", False), (32.6, person.ethnicity, True)],
    )
    born = [(14.6, str(year), True), (22.4, "年", False), (27.2, str(month), True), (31.0, "月", False)]
    _row(draw, 21.0, [(5.6, "出生", False), *born, (35.4, str(day), True), (39.4, "日", False)])
    _row(draw, 28.0, [(5.6, "住址", False)])
    for line, start in enumerate(range(0, len(person.address), 11)):
        _row(draw, 28.0 + 5.4 * line, [(14.6, person.address[start : start + 11], True)])
    _row(draw, 46.2, [(5.6, "公民身份号码", False)])
    draw.text((29.6 * MM, 46.2 * MM), person.number, INK, _font(66, bold=True), "lm", features=["-kern"])
    picture = face or Image.fromarray(portrait())
    card.paste(
        picture.convert("RGB").resize((round(25 * MM), round(31.5 * MM)), Image.Resampling.LANCZOS), _mm(55.5, 7.5)
    )
    return _specimen(card, (5.4, 51.2))


def card_back(person: Person) -> Image.Image:
    """The emblem side 国徽面, with an emblem of our own instead of the state's."""
    card = _blank((226, 232, 214), (206, 226, 232))
    draw = ImageDraw.Draw(card)
    _emblem(draw, (13.4, 13.6), 8.4)
    title, larger = _font(100, True, "Noto Serif CJK SC"), _font(140, True, "Noto Serif CJK SC")
    draw.text((52.2 * MM, 10.6 * MM), "中华人民共和国", INK, title, "mm")
    draw.text((52.2 * MM, 20.4 * MM), "居 民 身 份 证", INK, larger, "mm")
    _row(draw, 40.2, [(20.6, "签发机关", False), (34.4, person.authority, True)])
    _row(draw, 46.6, [(20.6, "有效期限", False), (34.4, f"{person.valid_from}-{person.valid_until}", True)])
    return _specimen(card, (31.0, 30.2))


def _mm(x: float, y: float) -> tuple[int, int]:
    return round(x * MM), round(y * MM)


def _row(draw: ImageDraw.ImageDraw, y: float, words: list[tuple[float, str, bool]]) -> None:
    """Words of one line at millimetres from the left; ``True`` marks a value, ``False`` a printed label."""
    for x, text, value in words:
        size, colour = (60, INK) if value else (46, LABEL)
        draw.text((x * MM, y * MM), text, colour, _font(size), "lm")


def _blank(left: tuple[int, int, int], right: tuple[int, int, int]) -> Image.Image:
    """A soft gradient under fine wavy lines, which is what security print looks like from afar."""
    share = np.linspace(0, 1, WIDTH, dtype=np.float32)[None, :, None]
    base = np.asarray(left, np.float32) * (1 - share) + np.asarray(right, np.float32) * share
    card = Image.fromarray(np.repeat(base, HEIGHT, axis=0).astype(np.uint8))
    draw = ImageDraw.Draw(card)
    x = np.arange(0, WIDTH + 8, 8)
    for line in range(-6, 80):
        for phase, colour in ((0.0, (196, 214, 222)), (1.9, (222, 214, 208))):
            y = line * 14 + 34 * np.sin(x / 170 + phase + line / 9) + 9 * np.sin(x / 47 + phase)
            draw.line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=colour, width=2)
    return card


def _emblem(draw: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float) -> None:
    """A ring of dots round a star: plainly not the national emblem."""
    cx, cy, r = centre[0] * MM, centre[1] * MM, radius * MM
    draw.ellipse((cx - r, cy - r, cx + r, cy + r), outline=RED, width=10)
    for angle in np.linspace(0, 2 * np.pi, 16, endpoint=False):
        x, y = cx + 0.8 * r * np.cos(angle), cy + 0.8 * r * np.sin(angle)
        draw.ellipse((x - 0.11 * r, y - 0.11 * r, x + 0.11 * r, y + 0.11 * r), fill=RED)
    turns = -np.pi / 2 + np.arange(10) * np.pi / 5
    reach = np.where(np.arange(10) % 2 == 0, 0.58 * r, 0.23 * r)
    points = np.stack([cx + reach * np.cos(turns), cy + reach * np.sin(turns)], axis=1)
    draw.polygon([(float(x), float(y)) for x, y in points], fill=RED)


def _specimen(card: Image.Image, stamp: tuple[float, float]) -> Image.Image:
    """Says twice that this is no real card: pale across the whole, and in small solid red where nothing else is."""
    veil = Image.new("RGBA", card.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(veil)
    for y in (0.24, 0.74):
        draw.text((WIDTH / 2, HEIGHT * y), "样本 SPECIMEN", (*RED, 38), _font(170, bold=True), "mm")
    marked = Image.alpha_composite(card.convert("RGBA"), veil.rotate(14, Image.Resampling.BICUBIC))
    pen = ImageDraw.Draw(marked)
    pen.text(_mm(*stamp), "样本 SPECIMEN · 非真实证件", RED, _font(40, bold=True), "lm")
    marked.putalpha(_rounded())
    return marked


def _rounded() -> Image.Image:
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, WIDTH - 1, HEIGHT - 1), CORNER, fill=255)
    return mask


def photograph(
    card: Image.Image, seed: int, *, quarter_turns: int = 0, width: int = 2000, light: float = 1.0, focus: float = 0.8
) -> bytes:
    """A phone's JPEG of the card on a wooden table, 4 : 3, ``width`` pixels wide.

    ``seed`` decides the slight tilt, grain and lamp. ``quarter_turns`` turns the finished picture counter-clockwise,
    ``light`` scales its brightness, ``focus`` is the blur's standard deviation in pixels.
    """
    rng = np.random.default_rng(seed)
    size = (width, width * 3 // 4)
    table = _table(rng, size)
    rgba = np.asarray(card.convert("RGBA"), dtype=np.float32)
    where = _placed(rng, size)
    source = np.array([[0, 0], [card.width, 0], [card.width, card.height], [0, card.height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, where)
    laid = cv2.warpPerspective(rgba, matrix, size, flags=cv2.INTER_AREA)
    alpha = laid[..., 3:] / 255
    shadow = cv2.GaussianBlur(np.roll(alpha[..., 0], (14, 10), (0, 1)), (0, 0), 16)[..., None]
    picture = table * (1 - 0.45 * shadow) * (1 - alpha) + laid[..., :3] * alpha
    picture = picture * _lamp(rng, size) * light
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), focus)) + rng.normal(0, 3.2, picture.shape)
    shot = np.rot90(np.clip(picture, 0, 255).astype(np.uint8), quarter_turns)
    done, jpeg = cv2.imencode(".jpg", np.ascontiguousarray(shot[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 90])
    assert done
    return jpeg.tobytes()


def _placed(rng: np.random.Generator, size: tuple[int, int]) -> Floats:
    """The card's corners in the picture: turned up to 4 degrees, each corner up to 1.2 % off, shape (4, 2)."""
    width, height = size
    w, angle = width * rng.uniform(0.76, 0.84), np.radians(rng.uniform(-4, 4))
    h = w * HEIGHT / WIDTH
    flat = np.array([[-w, -h], [w, -h], [w, h], [-w, h]]) / 2
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    centre = np.array([width, height]) * rng.uniform(0.48, 0.52, 2)
    return np.asarray(flat @ turn + centre + rng.uniform(-0.012, 0.012, (4, 2)) * width, np.float32)


def _table(rng: np.random.Generator, size: tuple[int, int]) -> Floats:
    """Dark wood: noise stretched along the grain, RGB as float32 of shape (height, width, 3)."""
    width, height = size
    grain = cv2.resize(rng.normal(0, 1, (height // 3, 24)).astype(np.float32), (width, height))
    fine = cv2.resize(rng.normal(0, 1, (height, 90)).astype(np.float32), (width, height))
    wood = np.array([112, 80, 56], np.float32) + (9 * cv2.GaussianBlur(grain, (0, 0), 3) + 5 * fine)[..., None]
    return np.asarray(wood, np.float32)


def _lamp(rng: np.random.Generator, size: tuple[int, int]) -> Floats:
    """Uneven light, 0.8 … 1.02, brightest somewhere near the middle: shape (height, width, 1)."""
    width, height = size
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    cx, cy = rng.uniform(0.3, 0.7, 2)
    return np.asarray(1.02 - 0.3 * ((x - cx) ** 2 + (y - cy) ** 2), np.float32)[..., None]
