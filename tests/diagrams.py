"""Keeps the state diagrams of ARCHITECTURE.md equal to the tables they are drawn from.

``python -m tests.diagrams --write`` rewrites them; a test compares.
"""

import argparse
import importlib
import pkgutil
import re
from pathlib import Path

import signing.domain
from signing.domain.machine import Machine

ARCHITECTURE = Path(__file__).parent.parent / "ARCHITECTURE.md"
_BLOCK = re.compile(r"(<!-- diagram:(?P<name>[\w.]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def machines() -> dict[str, str]:
    """Name of each state machine of the domain → its diagram."""
    found: dict[str, str] = {}
    for module in pkgutil.iter_modules(signing.domain.__path__, "signing.domain."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Machine):
                found[value.name] = value.diagram()
    return found


def redrawn(text: str) -> str:
    """``text`` with every marked block drawn anew; an unknown name is an error."""
    drawings = machines()

    def block(match: re.Match[str]) -> str:
        return f"{match[1]}```mermaid\n{drawings[match['name']]}\n```\n{match[3]}"

    return _BLOCK.sub(block, text)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    if parser.parse_args().write:
        ARCHITECTURE.write_text(redrawn(ARCHITECTURE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print("\n\n".join(machines().values()))


if __name__ == "__main__":
    main()
