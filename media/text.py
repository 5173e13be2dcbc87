"""Words on pictures: finds a Chinese font and draws strips of text."""

import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from media.errors import Unavailable

PAPER, SURFACE, LINE = "#121816", "#1B2421", "#2C3833"
INK, MUTED = "#E8EEEB", "#9DB0A8"
PRIMARY, CAUTION, CAUTION_PAPER, STOP = "#5CC8A0", "#F2C063", "#3A2A0C", "#FF9D94"

FONTS: tuple[tuple[str, str, str, int], ...] = (
    # folder, regular, bold, number of the simplified Chinese face in the collection
    ("/usr/share/fonts/opentype/noto", "NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", 2),
    ("/usr/share/fonts/noto-cjk", "NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", 2),
    ("/usr/share/fonts/google-noto-cjk", "NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", 2),
    ("C:/Windows/Fonts", "msyh.ttc", "msyhbd.ttc", 0),
)


@dataclass(frozen=True)
class FontFiles:
    """Where the regular and the bold face lie, and which face of a collection is the simplified Chinese one."""

    regular: str
    bold: str
    index: int


@lru_cache(maxsize=1)
def font_files() -> FontFiles:
    """The first Chinese font found, by known places and then by fontconfig; raises ``Unavailable``."""
    for folder, regular, bold, index in FONTS:
        plain, heavy = Path(folder) / regular, Path(folder) / bold
        if plain.exists():
            return FontFiles(str(plain), str(heavy if heavy.exists() else plain), index)
    found = _ask_fontconfig()
    if found is None:
        raise Unavailable("没有找到中文字体，录像上无法写字。请安装 Noto Sans CJK（思源黑体）后重试")
    return found


def _ask_fontconfig() -> FontFiles | None:
    if shutil.which("fc-match") is None:
        return None
    command = ["fc-match", "--format", "%{file}\t%{index}\t%{lang}", "sans:lang=zh-cn"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout.split("\t")
    if len(answer) != 3 or "zh-cn" not in answer[2].split("|"):
        return None
    return FontFiles(answer[0], answer[0], int(answer[1]) & 0xFFFF)


@lru_cache(maxsize=32)
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The font at ``size`` pixels; raises ``Unavailable``."""
    files = font_files()
    return ImageFont.truetype(files.bold if bold else files.regular, size, index=files.index)


def shortened(text: str, face: ImageFont.FreeTypeFont, room: float) -> str:
    """``text``, ended with an ellipsis where it is wider than ``room`` pixels."""
    if face.getlength(text) <= room:
        return text
    while text and face.getlength(text + "…") > room:
        text = text[:-1]
    return text + "…"


def write(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    *,
    size: int,
    colour: str,
    bold: bool = False,
    anchor: str = "lm",
    room: float = 10_000,
) -> float:
    """Draws one line at ``place`` (anchor as in Pillow) within ``room`` pixels; returns its width."""
    face = font(size, bold)
    words = shortened(text, face, room)
    draw.text(place, words, fill=colour, font=face, anchor=anchor)
    return float(face.getlength(words))


def sheet(width: int, height: int, colour: str = PAPER) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An RGB image and its pen."""
    image = Image.new("RGB", (width, height), colour)
    return image, ImageDraw.Draw(image)
