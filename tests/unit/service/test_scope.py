"""Whose something is, is asked in one module: no handler and no query looks up by itself what a caller names."""

import re
from pathlib import Path

import pytest

import signing.service

ROOM = Path(signing.service.__file__).parent
FILES = sorted(path for path in ROOM.rglob("*.py") if path.name != "scope.py")

_NAMED = re.compile(r"unit\.(?:cases|queue|people|office)\.\w+\(\s*command\.\w+_id\b.*")
_INSTITUTION = re.compile(r".*\bactor\.institution_id\b.*")

BY_THE_SYSTEM_ONLY = {
    "unit.queue.call(command.call_id), unit.queue.live_leg_of(command.party_id)",  # DropLeg
    "unit.people.institution(command.institution_id)",  # ImportTable: the branch before is for everybody else
}
OF_BOTH_SIDES = {"unit.people.institution(command.other_id)"}
"""The other side of an agreement is another institution by its nature: only that it exists is asked."""
AFTER_THE_SCOPE = {"unit.office.appointment(command.appointment_id)"}
"""The case that it names is asked for through the scope in the next line."""
MADE_FOR_THE_CALLER = {"cases.py", "imports.py"}
"""What is made becomes the caller's own; nothing is looked up by it but the caller's own roster."""


def lines(pattern: re.Pattern[str], path: Path) -> list[str]:
    return [found.group().strip() for found in pattern.finditer(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOM)))
def test_what_a_command_names_is_looked_up_through_the_scope(path: Path) -> None:
    allowed = BY_THE_SYSTEM_ONLY | OF_BOTH_SIDES | AFTER_THE_SCOPE
    assert [line for line in lines(_NAMED, path) if not any(line.startswith(known) for known in allowed)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOM)))
def test_nobody_else_compares_institutions(path: Path) -> None:
    if path.name not in MADE_FOR_THE_CALLER:
        assert lines(_INSTITUTION, path) == []


def test_the_patterns_find_what_they_are_for() -> None:
    assert _NAMED.search("        call = unit.queue.call(command.call_id)")
    assert _INSTITUTION.search("if seat.institution_id != command.actor.institution_id:")
