"""The page's modules as a parser reads them: nothing beyond ECMAScript 2019 and dynamic import."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

import pytest

from tests.unit.web_phone.script import FOLDER

MODULES = [path for path in sorted(FOLDER.rglob("*.js")) if path.name != "guard.js"]

TOO_NEW = {
    "optional_chain": "optional chaining (2020)",
    "??": "nullish coalescing (2020)",
    "??=": "logical assignment (2021)",
    "||=": "logical assignment (2021)",
    "&&=": "logical assignment (2021)",
    "private_property_identifier": "private field (2022)",
    "field_definition": "class field (2022)",
    "class_static_block": "static block (2022)",
    "meta_property": "import.meta (2020)",
    "using_declaration": "using (2026)",
    "decorator": "decorator",
    "ERROR": "what the parser does not know",
}
IN_GUARD = {"arrow_function", "lexical_declaration", "template_string", "import_statement", "export_statement", "class"}


@cache
def parser() -> Any:
    """Without an import that others' environments would miss when they check types."""
    tree_sitter, grammar = import_module("tree_sitter"), import_module("tree_sitter_javascript")
    return tree_sitter.Parser(tree_sitter.Language(grammar.language()))


def nodes(source: bytes) -> Iterator[Any]:
    waiting = [parser().parse(source).root_node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.children


def faults(source: bytes) -> list[str]:
    found = []
    for node in nodes(source):
        words = node.text.decode()
        if node.type in TOO_NEW:
            found.append(f"line {node.start_point[0] + 1}: {TOO_NEW[node.type]}: {words[:60]}")
        elif node.type == "number" and re.search(r"_|n$", words):
            found.append(f"line {node.start_point[0] + 1}: separator or big number: {words}")
        elif node.type == "regex" and re.search(r"\(\?<[=!]|/[a-z]*[dv][a-z]*$", words):
            found.append(f"line {node.start_point[0] + 1}: look-behind (Safari 16.4): {words}")
        elif node.type == "await_expression" and not _inside_function(node):
            found.append(f"line {node.start_point[0] + 1}: await outside a function (2022)")
        elif node.type == "export_statement" and re.match(r"export \* as", words):
            found.append(f"line {node.start_point[0] + 1}: export * as (2020)")
    return found


def _inside_function(node: Any) -> bool:
    while (node := node.parent) is not None:
        if node.type in ("function_declaration", "function_expression", "arrow_function", "method_definition"):
            return True
    return False


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_module_is_read_by_old_browsers(module: Any) -> None:
    assert not faults(module.read_bytes())


@pytest.mark.parametrize(
    "newer",
    [
        "const a = b?.c;", "const a = b ?? c;", "a ||= 1;", "class A { #b = 1; }", "class A { b = 1; }", "await a();",
        "const a = 1_000;", "const a = 10n;", "const a = /(?<=b)c/;", "export * as a from './b.js';",
        "const u = import.meta.url;",
    ],
)  # fmt: skip
def test_newer_syntax_is_found(newer: str) -> None:
    assert faults(newer.encode())


def test_the_guard_is_read_by_any_browser_at_all() -> None:
    """It is what speaks where modules do not."""
    source = (FOLDER / "guard.js").read_bytes()
    assert not faults(source)
    assert not {node.type for node in nodes(source)} & IN_GUARD
    assert not re.search(rb"\b(?:let|const|async|=>)\b", source)
