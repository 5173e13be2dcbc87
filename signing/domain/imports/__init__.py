"""The tables people bring in: roster, lists, LPR. Pure: from the cells of a sheet to records and faults."""

from signing.domain.imports.base import Fault, Parsed, Sheet
from signing.domain.imports.lists import LIST_COLUMNS, parse_list
from signing.domain.imports.lpr import LPR_COLUMNS, parse_lpr
from signing.domain.imports.roster import ROSTER_COLUMNS, parse_roster

__all__ = [
    "LIST_COLUMNS",
    "LPR_COLUMNS",
    "ROSTER_COLUMNS",
    "Fault",
    "Parsed",
    "Sheet",
    "parse_list",
    "parse_lpr",
    "parse_roster",
]
