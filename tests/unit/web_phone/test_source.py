"""Rules that the customer's page keeps in its source: one place for words, old phones, nothing from elsewhere."""

import re
from pathlib import Path

import pytest

import signing.web
from desktop.widgets import theme

FOLDER = Path(signing.web.__file__).parent / "phone"
MODULES = sorted(FOLDER.rglob("*.js"))
CHINESE = re.compile(r"[\u3400-\u9fff\uff00-\uffef]")
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*'(\.[^']+)'""")
STATIC_IMPORT = re.compile(r"""^import [^;]*?from '(\.[^']+)';""", re.MULTILINE)

# What Chromium 79 or Safari 14.3 does not know: syntax is held by test_grammar.py, here are methods and the like.
TOO_NEW_SCRIPT = {
    "optional chaining": re.compile(r"\?\.(?!\d)"),
    "nullish coalescing": re.compile(r"\?\?"),
    "logical assignment": re.compile(r"\|\|=|&&="),
    "private field": re.compile(r"\bthis\.#|^\s+#\w+\s*[=(;]", re.MULTILINE),
    "top-level await": re.compile(r"^await ", re.MULTILINE),
    "newer methods": re.compile(
        r"\.(?:replaceChildren|replaceAll|at|findLast|findLastIndex|toSorted|toReversed|hasOwn|matchAll|allSettled|any)\("
        r"|structuredClone|randomUUID|AbortSignal\.|globalThis|BigInt|WeakRef|queueMicrotask|requestIdleCallback|scheduler\."
    ),
    "dialog (iOS 15.4)": re.compile(r"el\('dialog'|createElement\('dialog'"),
    "web speech": re.compile(r"speechSynthesis|SpeechRecognition"),
}
TOO_NEW_STYLE = {
    "gap in flex": re.compile(r"(?<![-\w])(?:row-|column-)?gap:"),
    "aspect-ratio": re.compile(r"aspect-ratio"),
    "newer units": re.compile(r"\d(?:[sld]v[hwib]|v[ib]|cq\w+|r?lh|ric|rex|cap)\b"),
    "newer functions": re.compile(r"color-mix\(|light-dark\(|oklch\(|\bround\("),
    "layers, containers": re.compile(r"@(?:layer|container|property|scope)\b"),
    "focus-visible alone": re.compile(r"(?<!:not\():focus-visible"),
    "logical shorthands": re.compile(r"(?:margin|padding|inset)-(?:inline|block):"),
    "inset": re.compile(r"(?<![-\w])inset:"),
    "has, is, where": re.compile(r":(?:has|is|where)\("),
    "nesting": re.compile(r"^\s*&", re.MULTILINE),
}


def declared(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+):\s*(#[0-9A-Fa-f]{6});", css))


def of_desktop(tokens: theme.Tokens) -> dict[str, str]:
    """The desktop's tokens under the page's names."""
    names = {name: re.sub(r"_(paper|ground)$", "-ground", name).replace("_", "-") for name in vars(tokens)}
    return {names[name]: value for name, value in vars(tokens).items()}


def test_phone_and_desktop_have_the_same_tokens() -> None:
    light, dark = (FOLDER / "theme.css").read_text().split("@media (prefers-color-scheme: dark)")
    assert declared(light) == of_desktop(theme.LIGHT)
    assert declared(dark) == of_desktop(theme.DARK)


def test_colours_are_named_only_in_the_theme() -> None:
    stray = set(re.findall(r"#[0-9a-fA-F]{3,6}\b(?=[;\s])", (FOLDER / "page.css").read_text()))
    # A page of a contract is white, and a camera picture black, in either appearance.
    assert stray <= {"#fff", "#0b0f0d", "#55625C"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_module_speaks_to_old_phones_and_holds_no_words(module: Path) -> None:
    source = module.read_text(encoding="utf-8")
    found = [name for name, pattern in TOO_NEW_SCRIPT.items() if pattern.search(source)]
    assert not found
    assert "innerHTML" not in source
    assert not re.search(r"\beval\(|new Function\(|setAttribute\('style'", source)
    if module.name not in ("strings.js", "reasons.js"):
        assert not CHINESE.search(source), "a customer's words belong in strings.js"
    assert len(source.splitlines()) < 350


def test_chinese_is_written_with_full_width_marks() -> None:
    source = (FOLDER / "strings.js").read_text(encoding="utf-8")
    assert not re.findall(r"[\u4e00-\u9fff][,:;!?(][\u4e00-\u9fff]?", source)


def test_styles_keep_to_what_old_phones_draw() -> None:
    css = re.sub(r"^@supports .*$", "", (FOLDER / "page.css").read_text(), flags=re.MULTILINE)
    assert not [name for name, pattern in TOO_NEW_STYLE.items() if pattern.search(css)]


def test_page_has_nothing_inline_and_nothing_from_elsewhere() -> None:
    html = (FOLDER / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*\bsrc=)", html)
    for path in FOLDER.rglob("*"):
        if path.is_file():
            links = set(re.findall(r"https?://[^\s'\"`)]+", path.read_text(encoding="utf-8")))
            assert links <= {"http://www.w3.org/2000/svg"}, path


def test_every_import_and_asset_is_there() -> None:
    for module in MODULES:
        for target in IMPORT.findall(module.read_text(encoding="utf-8")):
            assert (module.parent / target).resolve().is_file(), (module, target)
    for target in re.findall(r'(?:src|href)="/phone/([^"]+)"', (FOLDER / "index.html").read_text(encoding="utf-8")):
        assert (FOLDER / target).is_file(), target


def whole(*modules: Path) -> set[Path]:
    """They and all that they import before they run."""
    wanted, queue = set[Path](), list(modules)
    while queue:
        module = queue.pop()
        if module not in wanted:
            wanted.add(module)
            found = STATIC_IMPORT.findall(module.read_text(encoding="utf-8"))
            queue += [(module.parent / target).resolve() for target in found]
    return wanted


FIRST = (FOLDER / "app.js", FOLDER / "screens" / "code.js")


def test_first_screen_is_preloaded_whole() -> None:
    """Each module of the first screen is named in the page, so that none waits for another over a thin line."""
    html = (FOLDER / "index.html").read_text(encoding="utf-8")
    named = {FOLDER / path for path in re.findall(r'modulepreload" href="/phone/([^"]+)"', html)}
    assert named == whole(*FIRST)


def test_what_a_call_is_made_of_is_fetched_at_once() -> None:
    """None of it waits until another has come and names it."""
    parts = re.search(r"const CALL_PARTS = \[(.*?)\]", (FOLDER / "app.js").read_text(encoding="utf-8"), re.DOTALL)
    assert parts is not None
    named = {FOLDER / f"{part}.js" for part in re.findall(r"'([^']+)'", parts[1])} | {FOLDER / "call.js"}
    assert named == whole(FOLDER / "call.js") - whole(*FIRST)


def test_every_word_used_is_written_down() -> None:
    words = (FOLDER / "strings.js").read_text(encoding="utf-8")
    for module in MODULES:
        for group, name in re.findall(r"\bS\.(\w+)(?:\.(\w+))?", module.read_text(encoding="utf-8")):
            block = re.search(rf"^  {group}: (?:\{{(.*?)^  \}},|.*$)", words, re.MULTILINE | re.DOTALL)
            assert block, f"{module.name}: S.{group}"
            if name and block.group(1) is not None:
                assert re.search(rf"^    {name}: ", block.group(1), re.MULTILINE), f"{module.name}: S.{group}.{name}"
