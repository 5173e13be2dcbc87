"""Joins the verifier's files into the one ``verify.py`` that travels inside every package."""

import ast
from functools import cache
from importlib.resources import files

SOURCES = (
    ("signing.domain", "errors"),
    ("signing.domain", "ledger"),
    ("signing.domain", "readable"),
    *(
        ("signing.evidence.core", name)
        for name in (
            "der",
            "x509",
            "cms",
            "container",
            "manifest",
            "book",
            "log",
            "trust",
            "anchors",
            "tracks",
            "national",
            "binding",
            "pdf",
            "renewal",
            "judge",
            "openssl",
            "report",
            "main",
        )
    ),
)
"""In the order in which they need one another."""

HEADER = '''#!/usr/bin/env python3
"""屏签证据包核对程序 / Verifier of Pingqian evidence packages.

用法 / usage:  python3 -I verify.py PACKAGE.asice [--json] [--trust ROOT.pem]
只需要 Python 3.11 以上和 openssl 程序，不联网，不需要任何服务器。
Needs Python 3.11 or later and the openssl program; no network, no server.
退出码 / exit status: 0 有效 valid, 1 无效 not valid, 2 无法读取 not readable.
"""
'''
FOOTER = '\n\nif __name__ == "__main__":\n    sys.exit(main())\n'


@cache
def standalone_verifier() -> bytes:
    """The source of ``verify.py``. Raises ``ValueError`` where two files define the same name."""
    parts, names = [HEADER], set[str]()
    for package, module in SOURCES:
        source = files(package).joinpath(f"{module}.py").read_text("utf-8")
        tree = ast.parse(source)
        defined = _defined(tree)
        if names & defined:
            raise ValueError(f"defined twice: {sorted(names & defined)}")
        names |= defined
        parts.append(f"\n\n# ---- {package}.{module}\n\n{_without_our_imports(source, tree)}")
    return ("".join(parts).rstrip() + "\n" + FOOTER).encode()


def _defined(tree: ast.Module) -> set[str]:
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            names |= {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    return names


def _without_our_imports(source: str, tree: ast.Module) -> str:
    lines = source.splitlines()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("signing."):
            assert node.end_lineno is not None
            lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
    return "\n".join(line for line in lines).strip() + "\n"
