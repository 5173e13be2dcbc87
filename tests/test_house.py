"""The rules of the house that no other tool holds."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "installer" / "requirements.lock"
TOP_LEVEL = {
    ".ci", ".gitignore", "ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", "Makefile", "README.md",
    "desktop", "installer", "media", "pdf_templates", "pyproject.toml", "signing", "tests",
}  # fmt: skip


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_top_level_is_the_agreed_one() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in _tracked()} <= TOP_LEVEL


def test_no_source_file_is_longer_than_500_lines() -> None:
    long = [p.name for p in _tracked() if p.suffix in {".py", ".js"} and p.read_text().count("\n") > 500]
    assert not long


def test_lock_has_a_hash_for_every_requirement_and_no_index_address() -> None:
    text = LOCK.read_text()
    assert "://" not in text
    entries = [block for block in text.replace("\\\n", " ").splitlines() if "==" in block]
    assert len(entries) > 50
    assert all("--hash=sha256:" in entry for entry in entries)


def test_lock_names_every_dependency_of_the_project() -> None:
    locked = {line.split("==")[0].lower() for line in LOCK.read_text().splitlines() if "==" in line}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    names = {_name(d) for d in wanted} - {"pingqian"}
    assert names <= locked


def _name(requirement: str) -> str:
    for stop in "[=<>!~; ":
        requirement = requirement.split(stop)[0]
    return requirement.lower().replace("_", "-")


def test_nothing_binary_or_foreign_is_in_the_repository() -> None:
    banned = {".ttf", ".otf", ".ttc", ".onnx", ".dat", ".pt", ".whl", ".so", ".exe", ".woff", ".woff2"}
    assert not [str(p.relative_to(ROOT)) for p in _tracked() if p.suffix.lower() in banned]


HALF_WIDTH = re.compile("[\u4e00-\u9fff][(,:;!?)]|[),:;!?][\u4e00-\u9fff]")


def test_marks_between_chinese_words_are_full_width() -> None:
    """In what a person reads: not in docstrings, patterns and addresses."""
    written = [(path, node) for path in _tracked() if _is_ours(path) for node in _words(ast.parse(path.read_text()))]
    assert len(written) > 2000
    wrong = [(path.name, node.lineno, node.value) for path, node in written if HALF_WIDTH.search(str(node.value))]
    assert not wrong


def _is_ours(path: Path) -> bool:
    return path.suffix == ".py" and path.relative_to(ROOT).parts[0] in {"desktop", "media", "signing", "pdf_templates"}


def _words(tree: ast.Module) -> Iterator[ast.Constant]:
    patterns = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node).startswith("re.")]
    docstrings = [node for node in ast.walk(tree) if isinstance(node, ast.Expr)]
    docstrings = [node for node in docstrings if isinstance(node.value, ast.Constant)]
    skipped = {id(inner) for node in (*patterns, *docstrings) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield from [node] if "://" not in node.value else []
