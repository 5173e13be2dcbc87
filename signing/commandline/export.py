"""``pingqian export``: a closed case's package from the service's own store, by number or identifier."""

import argparse

from signing.commandline.serve import DEFAULT_DATA
from signing.commandline.user import opened
from signing.domain.errors import NotFound
from signing.domain.searching import Kind, Term
from signing.evidence.command import ExportCommand
from signing.service.case_list import CaseQuery
from signing.service.commands import SYSTEM
from signing.service.store import Unit


def fetch(arguments: argparse.Namespace) -> bytes:
    """The package's bytes, once the handing over is on record. Raises ``NotFound``."""
    with opened(arguments.data or DEFAULT_DATA) as app:
        with app.services.db.read() as unit:
            case_id = _found(unit, arguments.case)
        package = app.queries.package(SYSTEM, case_id)
        with app.services.db.write() as unit:
            unit.logs.record_view(SYSTEM, app.services.clock.now(), "export", case_id, "命令行导出")
        return package


def _found(unit: Unit, said: str) -> str:
    """The identifier of the case of this number or identifier; of institutions with the same number, the newest."""
    numbered = unit.cases.find(CaseQuery(groups=((Term(Kind.CASE_NO, said),),)), 50)
    for case in numbered:
        if case.case_no == said:
            return case.case_id
    try:
        return unit.cases.get(said).case_id
    except NotFound:
        raise NotFound(f"没有业务 {said}", "请用 pingqian case list 查看") from None


EXPORT = ExportCommand(fetch)
