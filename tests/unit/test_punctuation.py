"""What people read of papers, signatures and evidence is punctuated as Chinese is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import signing

ROOT = Path(signing.__file__).parent
FOLDERS = ("adapters/documents", "adapters/pages", "adapters/pki", "adapters/signer", "evidence")
HALF = re.compile(r"[\u4e00-\u9fff][,;:!?(]|[,;:!?)][\u4e00-\u9fff]")


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Every string with its line; docstrings are for developers, patterns for ``re``."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    alone |= {id(part) for node in ast.walk(tree) if is_pattern(node) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.lineno, node.value


def is_pattern(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile"


@pytest.mark.parametrize("folder", FOLDERS)
def test_chinese_is_punctuated_full_width(folder: str) -> None:
    files = list((ROOT / folder).rglob("*.py"))
    assert files
    found = [f"{path}:{line}: {text}" for path in files for line, text in texts(path) if HALF.search(text)]
    assert not found, "\n".join(found)
