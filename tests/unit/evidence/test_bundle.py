"""The one file that travels in every package."""

import ast
import sys

from signing.evidence.bundle import SOURCES, standalone_verifier


def test_it_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse(standalone_verifier())
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module.partition(".")[0] for module in modules} <= set(sys.stdlib_module_names)


def test_no_name_is_defined_twice_and_every_file_is_there() -> None:
    source = standalone_verifier().decode()
    names = [
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
    ]
    assert len(names) == len(set(names))
    assert [line.split(".")[-1] for line in source.splitlines() if line.startswith("# ---- ")] == [
        module for _, module in SOURCES
    ]
