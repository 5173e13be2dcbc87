"""Bringing in tables: the command, and the report of what it did or would do."""

from dataclasses import dataclass
from enum import StrEnum

from signing.domain.imports import Fault
from signing.service.commands import Command


class TableKind(StrEnum):
    ROSTER = "roster"
    LIST = "list"
    LPR = "lpr"


TABLE_TITLES = {TableKind.ROSTER: "整村授信名册", TableKind.LIST: "名单", TableKind.LPR: "LPR"}


@dataclass(frozen=True)
class ImportTable(Command):
    """→ ``ImportReport``. By an administrator for their own institution, by the system for ``institution_id``;
    where that is empty, an LPR is for every institution.

    All rows or none: where one is bad, nothing changes. ``check`` changes nothing either way.
    """

    kind: TableKind
    data: bytes
    institution_id: str = ""
    list_name: str = ""
    list_kind: str = ""
    replace: bool | None = None
    """Whether what is not in the file is removed. None: the kind's own rule, ``replaces``."""
    check: bool = False

    @property
    def replaces(self) -> bool:
        """A list is replaced by its file; a roster is added to and corrected; published rates are never removed."""
        return self.kind is TableKind.LIST if self.replace is None else self.replace


@dataclass(frozen=True)
class ImportReport:
    """``applied``: whether it is in the database now. The counts are of rows, against what was there before."""

    kind: TableKind
    sha256: str
    rows: int
    faults: tuple[Fault, ...] = ()
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    applied: bool = False
