"""The index page: every picture with its title, by role and in the order of the journey; and what was drawn, kept
beside it, so that a scene drawn by itself takes the place of its own pictures only."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from html import escape
from itertools import groupby
from pathlib import Path

from tests.screenshots import registry
from tests.screenshots.registry import Look, Scene

JOURNEY = "journey"
ROOMS = registry.ROOMS | {JOURNEY: "真实走完一笔"}
ABOUT = {
    "phone": "客户在手机浏览器里看到的每一步；每幅七种：三种屏幕、深色、系统字号 200%、大字、横放。",
    "agent": "坐席的工作窗口，从登录到话后整理：浅色、深色、150%、200%、1920×1080；各步另有深色的 150%、200%。",
    "supervisor": "主管的看板、用印复核、印章登记、经营数字。",
    "auditor": "审计的查找、回放和核验。",
    "administrator": "管理员在命令行工作，窗口只作说明。",
    "film": "录像里看到的画面：排布、每位当事人的状态、文书。",
    "papers": "各种文书的纸面，以及签名、用印以后的样子。",
    "check": "公众查验文书的网页。",
    JOURNEY: "真实服务、真实浏览器、无人值守走完一笔，按先后拍下。",
}
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Shown:
    """A scene in one look; ``file`` is relative to the page, empty where it failed with ``trouble``.

    ``width``, ``height``: of the picture in pixels.
    """

    room: str
    chapter: str
    name: str
    title: str
    look: str
    words: str
    file: str = ""
    width: int = 0
    height: int = 0
    dark: bool = False
    seconds: float = 0.0
    trouble: str = ""

    @classmethod
    def of(cls, scene: Scene, look: Look, file: str, size: tuple[int, int], seconds: float) -> "Shown":
        facts = (scene.room, scene.chapter, scene.name, scene.title, look.name, look.words)
        return cls(*facts, file, *size, look.dark, round(seconds, 2))

    @classmethod
    def failed(cls, scene: Scene, look: Look, trouble: str, seconds: float = 0.0) -> "Shown":
        facts = (scene.room, scene.chapter, scene.name, scene.title, look.name, look.words)
        return cls(*facts, dark=look.dark, seconds=round(seconds, 2), trouble=trouble)


def kept(folder: Path) -> list[Shown]:
    """What an earlier run left in ``folder``."""
    file = folder / "shown.json"
    return [Shown(**one) for one in json.loads(file.read_text(encoding="utf-8"))] if file.exists() else []


def write(folder: Path, shown: Iterable[Shown]) -> Path:
    """``index.html`` in ``folder``, in the order of the rooms, their chapters, scenes and looks."""
    rows = _in_order(shown)
    (folder / "shown.json").write_text(json.dumps([asdict(one) for one in rows], ensure_ascii=False), encoding="utf-8")
    target = folder / "index.html"
    target.write_text(_page(rows), encoding="utf-8")
    return target


def _in_order(shown: Iterable[Shown]) -> list[Shown]:
    scenes = {(one.room, one.name): number for number, one in enumerate(registry.scenes())}
    looks = [look.name for look in registry.LOOKS]

    def place(one: Shown) -> tuple[int, int, int]:
        look = looks.index(one.look) if one.look in looks else 0
        return list(ROOMS).index(one.room), scenes.get((one.room, one.name), len(scenes)), look

    return sorted(shown, key=place)


def _page(rows: Sequence[Shown]) -> str:
    rooms = [(room, list(each)) for room, each in groupby(rows, key=lambda one: one.room)]
    links = "".join(f'<a href="#{room}">{ROOMS[room]} <b>{len(each)}</b></a>' for room, each in rooms)
    scenes = len({(one.room, one.name) for one in rows})
    failed = sum(bool(one.trouble) for one in rows)
    count = f"{len(rows) - failed} 幅图，{scenes} 个画面" + (f"，{failed} 幅没有画成" if failed else "")
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>屏签 · 画面一览</title>'
        f"<style>{_asset('gallery.css')}</style></head><body>"
        f"<header><h1>屏签 · 画面一览</h1><p>{count}。点开看原图，← → 换一幅，Esc 关闭。</p><nav>{links}</nav>"
        '<div class="tools" role="group" aria-label="只看"><button data-show="" aria-pressed="true">全部</button>'
        '<button data-show="light" aria-pressed="false">浅色</button>'
        '<button data-show="dark" aria-pressed="false">深色</button>'
        '<input type="search" placeholder="找画面，如：签名" aria-label="找画面"></div></header><main>'
        f"{''.join(_room(*each) for each in rooms)}</main>"
        '<dialog aria-label="原图"><figure><img alt=""><figcaption></figcaption></figure>'
        '<button class="close" aria-label="关闭">✕</button></dialog>'
        f"<script>{_asset('gallery.js')}</script></body></html>"
    )


def _asset(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _room(room: str, rows: list[Shown]) -> str:
    chapters = [(title, list(each)) for title, each in groupby(rows, key=lambda one: one.chapter)]
    body = "".join(_chapter(title, each) for title, each in chapters)
    head = f"<h2>{ROOMS[room]}</h2><p>{ABOUT[room]}</p>"
    return f'<section id="{room}" class="room {room}">{head}{body}</section>'


def _chapter(title: str, rows: list[Shown]) -> str:
    scenes = [list(each) for _, each in groupby(rows, key=lambda one: one.name)]
    head = f"<h3>{escape(title)}</h3>" if title else ""
    return f'<div class="chapter">{head}{"".join(map(_scene, scenes))}</div>'


def _scene(rows: list[Shown]) -> str:
    title, name = escape(rows[0].title), escape(rows[0].name)
    head = f"<h4>{title} <code>{name}</code></h4>"
    figures = "".join(map(_figure, rows))
    return f'<article id="{rows[0].room}-{name}">{head}<div class="row">{figures}</div></article>'


def _figure(one: Shown) -> str:
    theme = "dark" if one.dark else "light"
    words = f"{escape(one.words)} · {'深色' if one.dark else '浅色'}" if one.words else ""
    if one.trouble:
        told = f"<figcaption>{words} 没有画成</figcaption><pre>{escape(one.trouble)}</pre>"
        return f'<figure class="failed" data-theme="{theme}">{told}</figure>'
    size, title, file = f"{one.width}×{one.height} 像素", escape(one.title), escape(one.file)
    picture = f'<img loading="lazy" src="{file}" width="{one.width}" height="{one.height}" alt="{title}">'
    link = f'<a href="{file}" data-title="{" · ".join(filter(None, (title, words, size)))}">{picture}</a>'
    return f'<figure data-theme="{theme}">{link}<figcaption>{words}<small>{size}</small></figcaption></figure>'
