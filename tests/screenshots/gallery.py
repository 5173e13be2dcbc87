"""The index page: every picture with its title, by role."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOMS = {
    "agent": "坐席", "supervisor": "主管", "auditor": "审计", "administrator": "管理员", "phone": "客户手机",
    "journey": "真实走完一笔（真实服务、真实浏览器）",
}  # fmt: skip
STYLE = """
:root { color-scheme: light dark; font-family: "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
body { margin: 24px; } h2 { margin-top: 48px; } h3 { margin: 24px 0 8px; font-size: 16px; }
.row { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
figure { margin: 0; } figcaption { font-size: 13px; opacity: .75; }
img { border: 1px solid #8a9690; border-radius: 8px; width: 420px; height: auto; } .phone img { width: 200px; }
nav a { margin-right: 16px; } .failed { color: #b3261e; white-space: pre-wrap; }
"""


@dataclass(frozen=True)
class Shown:
    """A scene in one look; ``file`` is relative to the page, empty where it failed with ``trouble``."""

    room: str
    name: str
    title: str
    look: str
    file: str
    trouble: str = ""


def write(folder: Path, shown: Iterable[Shown]) -> Path:
    """``index.html`` in ``folder``."""
    rows = list(shown)
    rooms = [room for room in ROOMS if any(one.room == room for one in rows)]
    links = "".join(f'<a href="#{room}">{ROOMS[room]}</a>' for room in rooms)
    body = "".join(_room(room, [one for one in rows if one.room == room]) for room in rooms)
    page = (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>屏签 · 画面一览</title><style>{STYLE}</style>'
        f"<h1>屏签 · 画面一览</h1><nav>{links}</nav>{body}</html>"
    )
    target = folder / "index.html"
    target.write_text(page, encoding="utf-8")
    return target


def _room(room: str, rows: list[Shown]) -> str:
    names = list(dict.fromkeys(one.name for one in rows))
    scenes = "".join(_scene([one for one in rows if one.name == name]) for name in names)
    return f'<section id="{room}" class="{room}"><h2>{ROOMS[room]}</h2>{scenes}</section>'


def _scene(rows: list[Shown]) -> str:
    figures = "".join(map(_figure, rows))
    return f'<h3>{escape(rows[0].title)} <small>{escape(rows[0].name)}</small></h3><div class="row">{figures}</div>'


def _figure(one: Shown) -> str:
    if one.trouble:
        return f'<figure class="failed">{escape(one.look)}：{escape(one.trouble)}</figure>'
    picture = f'<a href="{one.file}"><img loading="lazy" src="{one.file}" alt="{escape(one.title)}"></a>'
    return f"<figure>{picture}<figcaption>{escape(one.look)}</figcaption></figure>"
