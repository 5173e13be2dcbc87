"""What the page asks of a browser is as old as Chromium 79 and iOS 14.3, or is asked for first.

``ages/script.txt`` holds what is younger, one a line: the name, whose it is, the first Chromium and the first iOS that
have it ("-" for none; iOS 14.5 is Safari 14.1), for all that a page can reach from an older object; ``ages/style.txt``
the same for properties, values, selectors and rules. Both were taken from MDN's browser-compat-data 8.1.9 (CC0), where
a name that none of ours is called by may be looked up again.
"""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.unit.web_phone.script import FOLDER
from tests.unit.web_phone.test_grammar import MODULES, nodes

AGES = Path(__file__).parent / "ages"

ASKED_FIRST = {
    "AudioContext": r"window\.AudioContext \|\| window\.webkitAudioContext",
    "ImageCapture": r"window\.ImageCapture \? grabbed : played",
    "connection": r"if \(!network \|\| !network\.addEventListener\) return;",
    "getCapabilities": r"&& RTCRtpReceiver\.getCapabilities &&",
    "getCoalescedEvents": r"event\.getCoalescedEvents \?",
    "requestVideoFrameCallback": r"if \(video\.requestVideoFrameCallback\)",
    "userActivation": r"!navigator\.userActivation \|\|",
    "vibrate": r"if \(navigator\.vibrate &&",
    "wakeLock": r"!navigator\.wakeLock",
}
"""Names and how each module that uses one asks for it first."""

OTHERS_NAME = set(
    """abort at body bytes command filter font from getAttribute height left loading message moveTo name nonce open
    parse protocol reason remote remove removeAttribute request restore resume scrollLeft setAttribute size srcObject
    stats stop stream top type values width""".split()  # noqa: SIM905 - a list would be 38 lines
)
"""In this page the names of our own things, or of older ones that share them, each looked at. ``font``, ``scrollLeft``
and ``srcObject`` are old; what is young of them are details that the page does without."""

OF_A_RESPONSE = {"text": r"new Response\(", "arrayBuffer": r"new Response\("}
"""Methods that a Response has had for long and a Blob only since iOS 14.5; called on nothing else."""

HARMLESS = {
    "overflow-wrap:anywhere": "beside word-break: break-word",
    "accent-color": "the round boxes have the system's colour",
    "color-scheme": "fields keep the light look of the system",
    "align-content:start": "in a grid it is old",
    "overscroll-behavior": "the page then scrolls along",
    "text-underline-offset": "the line is nearer",
    ":focus-visible": "in :not() after :focus: the frame is drawn at a tap as well",
    "outline": "it is old; what is young is that it follows round corners",
    "user-select:all": "the hand marks the link itself",
}
"""What an old browser leaves out and nobody misses, or has another word for beside it."""


def ages(name: str) -> dict[str, list[str]]:
    found = defaultdict(list)
    for line in (AGES / name).read_text(encoding="utf-8").splitlines():
        word, rest = line.split(" ", 1)
        found[word].append(rest)
    return found


SHEETS = ("page.css", "theme.css")
SCRIPT, STYLE = ages("script.txt"), ages("style.txt")


def asked(source: bytes) -> dict[str, list[str]]:
    """Names that a module asks a thing for, makes a thing of or calls without having it, with the words around them;
    "()" behind where it is called."""
    found = defaultdict(list)
    for node in nodes(source):
        name, around = node.text.decode(), node.parent
        member = node.type == "property_identifier" and around.type == "member_expression"
        free = node.type == "identifier" and around.type in ("new_expression", "call_expression")
        if member or (
            free and not re.search(rf"\b(?:function|const|let) {name}\b|\b{name}\b[^;]* from '", source.decode())
        ):
            called = member and around.parent is not None and around.parent.type == "call_expression"
            found[name].append(around.text.decode() + ("()" if called else ""))
    return found


def is_well(name: str, places: list[str], words: str) -> bool:
    if name in OF_A_RESPONSE:
        return all(re.match(OF_A_RESPONSE[name], each) for each in places if each.endswith("()"))
    return name in OTHERS_NAME or bool(name in ASKED_FIRST and re.search(ASKED_FIRST[name], words))


def too_young(source: bytes) -> list[str]:
    return [
        f"{name}: {', '.join(SCRIPT[name])}"
        for name, places in asked(source).items()
        if name in SCRIPT and not is_well(name, places, source.decode())
    ]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_module_asks_for_what_old_browsers_have(module: Path) -> None:
    assert not too_young(module.read_bytes())


@pytest.mark.parametrize(
    "newer",
    [
        "const a = await blob.text();", "const a = await answer.blob.text();", "const a = await blob.arrayBuffer();",
        "navigator.wakeLock.request('screen');", "const a = b.replaceAll('c', 'd');", "structuredClone(a);",
        "a.replaceChildren();", "crypto.randomUUID();", "Object.hasOwn(a, 'b');",
        "new BroadcastChannel('a');", "a.requestVideoFrameCallback(b);", "a.onscrollend = b;",
        "new WeakRef(a);", "a.findLast(b);",
    ],
)  # fmt: skip
def test_what_is_too_young_is_found(newer: str) -> None:
    assert too_young(newer.encode())


@pytest.mark.parametrize(
    "old", ["new Response(blob).text();", "const a = b.text;", "a.padStart(2);", "Promise.all(a);"]
)
def test_what_is_old_enough_is_let_be(old: str) -> None:
    assert not too_young(old.encode())


def test_every_exception_is_needed() -> None:
    used = {name for module in MODULES for name in asked(module.read_bytes())} & set(SCRIPT)
    sheets = "".join((FOLDER / name).read_text(encoding="utf-8") for name in SHEETS)
    assert not (set(ASKED_FIRST) | OTHERS_NAME | set(OF_A_RESPONSE)) - used
    assert not {each for each in HARMLESS if each.partition(":")[0] not in sheets}


def declarations(css: str) -> list[tuple[str, str]]:
    """(property, value), without remarks."""
    plain = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.findall(r"(?<=[{;\s])(-?[a-z][a-z-]*):\s*([^;{}]+);", plain)


def young_styles(css: str) -> list[str]:
    found = []
    for name, value in declarations(css):
        found += [name] if name in STYLE else []
        found += [each for each in (f"{name}:{word}" for word in re.findall(r"[a-z-]+", value)) if each in STYLE]
    found += [f":{word}" for word in re.findall(r":([a-z-]+)", css) if word in STYLE and f":{word}" not in found]
    found += [f"@{word}" for word in re.findall(r"@([a-z-]+)", css) if f"@{word}" in STYLE]
    return [each for each in found if each not in HARMLESS and not each.startswith("cursor:")]


@pytest.mark.parametrize("sheet", SHEETS)
def test_sheet_asks_for_what_old_browsers_draw(sheet: str) -> None:
    assert not young_styles((FOLDER / sheet).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "newer",
    [
        "a { aspect-ratio: 1; }", "a { inset: 0; }", "@layer b { }", "a:has(b) { }", "a:is(b) { }",
        "a { inset-inline: 0; }",
        "a { text-wrap: balance; }", "a { overflow: clip; }", "a { scrollbar-gutter: stable; }",
    ],
)  # fmt: skip
def test_style_that_is_too_young_is_found(newer: str) -> None:
    assert young_styles(newer)
