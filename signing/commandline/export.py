"""``pingqian export``: a closed case's package from the service's own store, by number or identifier."""

import argparse

from signing.commandline.serve import DEFAULT_DATA
from signing.commandline.user import opened
from signing.domain.errors import NotFound
from signing.evidence.command import ExportCommand
from signing.service.commands import SYSTEM


def fetch(arguments: argparse.Namespace) -> bytes:
    """The package's bytes, once the handing over is on record. Raises ``NotFound``."""
    with opened(arguments.data or DEFAULT_DATA) as app:
        found = [row.case.case_id for row in app.queries.audit_list(SYSTEM, limit=100_000) if _is(row.case, arguments)]
        if not found:
            raise NotFound(f"没有业务 {arguments.case}", "请用 pingqian case list 查看")
        package = app.queries.package(SYSTEM, found[0])
        with app.services.db.write() as unit:
            unit.logs.record_view(SYSTEM, app.services.clock.now(), "export", found[0], "命令行导出")
        return package


def _is(case: object, arguments: argparse.Namespace) -> bool:
    return arguments.case in (getattr(case, "case_id", None), getattr(case, "case_no", None))


EXPORT = ExportCommand(fetch)
