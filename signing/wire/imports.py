"""What an administrator is told about a table that was brought in."""

from enum import StrEnum

from signing.wire.base import Digest, Message


class TableKind(StrEnum):
    """The same names as ``signing.service.import_tables.TableKind``."""

    ROSTER = "roster"
    LIST = "list"
    LPR = "lpr"


class ImportFault(Message):
    """A bad cell. ``value`` is masked where it is personal."""

    row: int
    column: str
    value: str
    what: str
    fix: str


class ImportReport(Message):
    """POST /api/imports/{kind}. The counts are of rows, against what was there before."""

    kind: TableKind
    sha256: Digest
    """Of the file as it came; on the access log too where it was imported."""
    rows: int
    faults: list[ImportFault] = []
    """Only where it was to be checked: otherwise a bad row is a 422."""
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    applied: bool = False
