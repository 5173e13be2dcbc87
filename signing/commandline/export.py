"""``pingqian export``: a closed case's package, or its recordings in one file, from the service's own store."""

import argparse
from pathlib import Path
from typing import IO

from signing.adapters.recordings import join_recordings, join_tracks
from signing.bootstrap import App
from signing.commandline.serve import DEFAULT_DATA
from signing.commandline.user import opened
from signing.domain.case import Case, RecordingState
from signing.domain.errors import NotFound
from signing.domain.searching import Kind, Term
from signing.domain.track import LACKS
from signing.evidence.command import ExportCommand
from signing.service.case_list import CaseQuery
from signing.service.commands import SYSTEM
from signing.service.content import Content
from signing.service.handlers.tracks import track_content
from signing.service.store import Unit


def fetch(arguments: argparse.Namespace, target: IO[bytes]) -> tuple[int, bytes]:
    """Writes the package to ``target``, once the handing over is on record. → its size, and the record of its renewals,
    empty where there are none.

    Raises ``NotFound`` and OSError.
    """
    with opened(arguments.data or DEFAULT_DATA) as app:
        with app.services.db.read() as unit:
            case_id = case_id_of(unit, arguments.case)
        package = app.queries.package(SYSTEM, case_id)
        with app.services.db.write() as unit:
            unit.logs.record_view(SYSTEM, app.services.clock.now(), "export", case_id, "命令行导出")
        for piece in package.part(0, len(package)):
            target.write(piece)
        return len(package), app.queries.package_record(SYSTEM, case_id)


def film(arguments: argparse.Namespace) -> list[str]:
    """Joins what is verified of the case's recordings into ``arguments.film``, once that is on record. → what it holds.

    Raises ``NotFound``, ``InputError`` and OSError.
    """
    with opened(arguments.data or DEFAULT_DATA) as app:
        with app.services.db.write() as unit:
            case = unit.cases.get(case_id_of(unit, arguments.case))
            unit.logs.record_view(SYSTEM, app.services.clock.now(), "export", case.case_id, "命令行拼接录像")
        if arguments.party:
            return _track_film(app, case, arguments.party, arguments.film)
        whole = [one for one in case.recordings if one.state is RecordingState.VERIFIED]
        if not whole:
            raise NotFound("这笔业务还没有读回确认的录像", "请等待坐席电脑上传完成")
        pieces = join_recordings([Content(case.case_id, one, app.services.blobs) for one in whole], arguments.film)
    left = len(case.recordings) - len(whole)
    told = [f"已拼成 {arguments.film}"] + ([f"有 {left} 段录像未收齐或已损坏、遗失，没有拼入"] if left else [])
    return [*told, *(f"  {minutes(start)}—{minutes(end)}  {title}" for start, end, title in pieces)]


def _track_film(app: App, case: Case, party: str, target: Path) -> list[str]:
    """One party's own tracks in one file. Raises ``NotFound`` and ``InputError``."""
    mine = [one for one in case.tracks if one.file.rpartition("-")[0] == party]
    whole = [one for one in mine if one.state is RecordingState.VERIFIED]
    if not whole:
        known = "、".join(dict.fromkeys(one.file.rpartition("-")[0] for one in case.tracks)) or "没有"
        raise NotFound(f"没有 {party} 单独的音视频", f"这笔业务有：{known}")
    with app.services.db.read() as unit:
        held = [(one, unit.segments.all(one.track_id)) for one in whole]
    contents = [track_content(case.case_id, one, segments, app.services) for one, segments in held]
    seconds = join_tracks(contents, target)
    lost = len(mine) - len(whole)
    told = [f"已写成 {target}（{minutes(seconds)}）"] + ([f"有 {lost} 份没有收到，没有写入"] if lost else [])
    gaps = [(track, gap) for track in whole for gap in track.gaps]
    begin = min(track.started_at for track in whole)
    for track, (start, end, lack) in gaps:
        at = (track.started_at - begin).total_seconds()
        told.append(f"  {minutes(at + start)}—{minutes(at + end)}  {LACKS[lack]}")
    return told


def minutes(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def case_id_of(unit: Unit, said: str) -> str:
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
