"""Turns Debian's Noto Serif CJK (CFF outlines in a collection) into TrueType files that reportlab can embed.

Done once a machine; the result is cached for the user and never committed. Curves are approximated within one unit of
a thousand-unit em (0.004 mm at body size).
"""

import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.sfnt import readTTCHeader

from signing.domain.errors import OutsideError

WEIGHTS = ("Regular", "Bold")
FORMAT = 1
"""Raised when the conversion changes, so that an older cache is not used."""

_FOLDERS = (
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/noto-cjk",
    "/usr/share/fonts/google-noto-serif-cjk-fonts",
    "/usr/share/fonts/opentype/noto-cjk",
)
_FAMILY = "Noto Serif CJK SC"
_HANGUL = range(0x1100, 0x1200), range(0xA960, 0xA980), range(0xAC00, 0xD800)


def cache_folder() -> Path:
    """``$PINGQIAN_FONTS``, else the user's cache."""
    named = os.environ.get("PINGQIAN_FONTS")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pingqian" / "fonts"


def ready(folder: Path | None = None) -> bool:
    return all(path.exists() for path in _targets(folder or cache_folder()).values())


def _targets(folder: Path) -> dict[str, Path]:
    return {weight: folder / f"PingqianSong-{weight}-{FORMAT}.ttf" for weight in WEIGHTS}


def ensure_fonts(folder: Path | None = None) -> dict[str, Path]:
    """Paths by weight, converting what is missing. Safe to call from several processes at once.

    Raises ``OutsideError`` where the system has no Noto Serif CJK.
    """
    folder = folder or cache_folder()
    targets = _targets(folder)
    if ready(folder):
        return targets
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / ".lock"):
        missing = [(weight, path) for weight, path in targets.items() if not path.exists()]
        sources = [_source(weight) for weight, _ in missing]
        commands = [
            [sys.executable, "-m", __name__, str(source), str(path), weight]
            for source, (weight, path) in zip(sources, missing, strict=True)
        ]
        _run_all(commands)
    return targets


def _run_all(commands: list[list[str]]) -> None:
    children = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for command in commands]
    failures = [errors.strip()[-400:] for child in children if (errors := child.communicate()[1]) and child.returncode]
    if failures:
        raise OutsideError("字库转换失败：" + failures[0], "请检查磁盘空间和 fonts-noto-cjk 是否完整")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _source(weight: str) -> Path:
    for folder in _FOLDERS:
        path = Path(folder) / f"NotoSerifCJK-{weight}.ttc"
        if path.exists():
            return path
    raise OutsideError(
        "缺少宋体字库 Noto Serif CJK，无法生成合同文本",
        "请安装字体包后重试：apt-get install fonts-noto-cjk(the Debian package fonts-noto-cjk is needed)",
    )


def convert(source: str, target: str, weight: str) -> None:
    """Writes ``target`` (TrueType) from the collection ``source``, by way of a temporary name."""
    with Path(source).open("rb") as stream:
        font = _open_family(stream)
        characters = {code: name for code, name in (font.getBestCmap() or {}).items() if not _is_hangul(code)}
        order = [".notdef", *sorted(set(characters.values()) - {".notdef"}, key=font.getGlyphID)]
        built = _build(font, characters, order, weight)
    handle, partial = tempfile.mkstemp(dir=Path(target).parent, suffix=".part")
    os.close(handle)
    built.save(partial)
    Path(partial).replace(target)


def _open_family(stream: BinaryIO) -> TTFont:
    fonts = (TTFont(stream, fontNumber=number, lazy=True) for number in range(_members(stream)))
    for font in fonts:
        if _FAMILY in (font["name"].getDebugName(1), font["name"].getDebugName(16)):
            return font
    raise OutsideError(f"字库文件中没有 {_FAMILY}", "请重新安装 fonts-noto-cjk")


def _members(stream: BinaryIO) -> int:
    return int(readTTCHeader(stream).numFonts)


def _is_hangul(code: int) -> bool:
    return any(code in block for block in _HANGUL)


def _build(font: TTFont, characters: dict[int, str], order: list[str], weight: str) -> FontBuilder:
    glyphs = font.getGlyphSet()
    outlines, metrics = {}, {}
    for name in order:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        outlines[name] = pen.glyph()
        metrics[name] = font["hmtx"][name]
    builder = FontBuilder(font["head"].unitsPerEm, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(characters)
    builder.setupGlyf(outlines)
    # The left side bearing is where the outline begins, which the approximation may have moved by a unit.
    builder.setupHorizontalMetrics(
        {name: (width, getattr(outlines[name], "xMin", 0)) for name, (width, _) in metrics.items()}
    )
    builder.setupHorizontalHeader(ascent=font["hhea"].ascent, descent=font["hhea"].descent)
    family = "Pingqian Song"
    builder.setupNameTable({"familyName": family, "styleName": weight, "psName": f"PingqianSong-{weight}"})
    os2 = font["OS/2"]
    builder.setupOS2(
        sTypoAscender=os2.sTypoAscender,
        sTypoDescender=os2.sTypoDescender,
        sTypoLineGap=os2.sTypoLineGap,
        usWinAscent=os2.usWinAscent,
        usWinDescent=os2.usWinDescent,
        sCapHeight=getattr(os2, "sCapHeight", 733),
        sxHeight=getattr(os2, "sxHeight", 500),
        usWeightClass=os2.usWeightClass,
    )
    builder.setupPost(keepGlyphNames=False)
    return builder


if __name__ == "__main__":
    convert(*sys.argv[1:4])
