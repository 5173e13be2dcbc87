"""``pingqian export``: a closed case's package, or its recordings in one file, from the service's own store."""

import argparse
from typing import IO

from signing.adapters.recordings import join_recordings
from signing.commandline.serve import DEFAULT_DATA
from signing.commandline.user import opened
from signing.domain.case import RecordingState
from signing.domain.errors import NotFound
from signing.domain.searching import Kind, Term
from signing.evidence.command import ExportCommand
from signing.service.case_list import CaseQuery
from signing.service.commands import SYSTEM
from signing.service.content import Content
from signing.service.store import Unit


def fetch(arguments: argparse.Namespace, target: IO[bytes]) -> int:
    """Writes the package to ``target``, once the handing over is on record. → its size.

    Raises ``NotFound`` and OSError.
    """
    with opened(arguments.data or DEFAULT_DATA) as app:
        with app.services.db.read() as unit:
            case_id = _found(unit, arguments.case)
        package = app.queries.package(SYSTEM, case_id)
        with app.services.db.write() as unit:
            unit.logs.record_view(SYSTEM, app.services.clock.now(), "export", case_id, "命令行导出")
        for piece in package.part(0, len(package)):
            target.write(piece)
        return len(package)


def film(arguments: argparse.Namespace) -> list[str]:
    """Joins what is verified of the case's recordings into ``arguments.film``, once that is on record. → what it holds.

    Raises ``NotFound``, ``InputError`` and OSError.
    """
    with opened(arguments.data or DEFAULT_DATA) as app:
        with app.services.db.write() as unit:
            case = unit.cases.get(_found(unit, arguments.case))
            unit.logs.record_view(SYSTEM, app.services.clock.now(), "export", case.case_id, "命令行拼接录像")
        whole = [one for one in case.recordings if one.state is RecordingState.VERIFIED]
        if not whole:
            raise NotFound("这笔业务还没有读回确认的录像", "请等待坐席电脑上传完成")
        pieces = join_recordings([Content(case.case_id, one, app.services.blobs) for one in whole], arguments.film)
    left = len(case.recordings) - len(whole)
    told = [f"已拼成 {arguments.film}"] + ([f"有 {left} 段录像未收齐或已损坏、遗失，没有拼入"] if left else [])
    return [*told, *(f"  {minutes(start)}—{minutes(end)}  {title}" for start, end, title in pieces)]


def minutes(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


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


EXPORT = ExportCommand(fetch, film)
