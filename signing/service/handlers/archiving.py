"""Renews the time-stamps of closed packages before their certificates end. The packages never change."""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from signing.domain.archive import GAIN, ArchiveRecord
from signing.domain.beijing import BEIJING
from signing.domain.errors import NotFound, SigningError
from signing.service.again import again
from signing.service.bus import Handler
from signing.service.commands import SYSTEM, Command
from signing.service.content import Stored, package_file
from signing.service.ports import Standing
from signing.service.seal_commands import RenewArchives
from signing.service.services import Services
from signing.service.store import Unit

_LOG = logging.getLogger(__name__)
AT_ONCE = 32
"""Packages that share one time-stamp."""


@dataclass(frozen=True)
class Archive:
    """A package to be renewed, with what is kept beside it."""

    row: ArchiveRecord
    package: Stored
    record: bytes
    standing: Standing


@dataclass
class Renewed:
    """``failed``: why not, by case; ``seen``: how many there is nothing to do for yet; ``left``: more than one run may
    do are due. Whatever became of it, what a run took up is due no more at once."""

    done: list[ArchiveRecord] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    seen: int = 0
    left: bool = False


async def renew_archives(command: RenewArchives, services: Services) -> Renewed:
    """What is due, ``AT_ONCE`` at most; or the cases named, due or not. One that fails holds no other up."""
    found = Renewed()
    rows = await asyncio.to_thread(_chosen, command.case_ids, services)
    found.left = not command.case_ids and len(rows) == AT_ONCE
    archives = [archive for row in rows if (archive := await asyncio.to_thread(_look, row, command, found, services))]
    if not archives:
        return found
    try:
        records = await services.records.renewed([(one.package, one.record) for one in archives])
    except Exception as error:
        for one in archives:
            await asyncio.to_thread(_note, one.row, _words(error), found, services)
        return found
    for one, record in zip(archives, records, strict=True):
        await asyncio.to_thread(_keep, one, record, found, services)
    return found


def _chosen(case_ids: Sequence[str], services: Services) -> list[ArchiveRecord]:
    with services.db.read() as unit:
        return unit.archives.several(case_ids) if case_ids else unit.archives.due(services.clock.now(), AT_ONCE)


def _look(row: ArchiveRecord, command: RenewArchives, found: Renewed, services: Services) -> Archive | None:
    """None where there is nothing to do yet, or something is wrong, which is noted: whatever it is, it is wrong with
    this one, and the next may be read. Where the database is away, the note fails too, and so does the run."""
    try:
        archive = _read(row, command, found, services)
    except Exception as error:
        _note(row, f"证据包或续期记录读不出来：{_words(error)}", found, services)
        return None
    if archive is not None and archive.standing.fault:
        _note(archive.row, f"没有续期：{archive.standing.fault}", found, services)
        return None
    return archive


def _read(row: ArchiveRecord, command: RenewArchives, found: Renewed, services: Services) -> Archive | None:
    """None where there is nothing to do yet."""
    now = services.clock.now()
    seen: ArchiveRecord | None = row
    if row.until is None:
        seen = again(_see, row, services.records.until(_package_of(row, services)), services)
    elif not command.case_ids and not row.is_due(now):
        seen = again(_see, row, row.until, services)  # what waited after a failure waits no more
    if seen is None or not (command.case_ids or seen.is_due(now)):
        found.seen += 1
        return None
    package = _package_of(seen, services)
    record = services.blobs.get(seen.case_id, seen.sha256) if seen.sha256 else b""
    return Archive(seen, package, record, services.records.standing(package, record, now))


def _package_of(row: ArchiveRecord, services: Services) -> Stored:
    with services.db.read() as unit:
        case = unit.cases.get(row.case_id)
    if case.package is None:
        raise NotFound("证据包还没有封存")
    return package_file(row.case_id, case.package, services.blobs)


def _words(error: Exception) -> str:
    """Of what nobody foresaw only the kind: its words may hold what belongs into no log."""
    return error.message if isinstance(error, SigningError) else f"程序没有料到的错误（{type(error).__name__}）"


def _keep(archive: Archive, record: bytes, found: Renewed, services: Services) -> None:
    try:
        fault = _fault(archive, record, services, found)
    except Exception as error:
        fault = _words(error)
    if fault:
        _note(archive.row, fault, found, services)


def _fault(archive: Archive, record: bytes, services: Services, found: Renewed) -> str:
    """Judged before it is kept: what reaches no further, or does not hold, is no renewal. → why it was not kept."""
    standing = services.records.standing(archive.package, record, services.clock.now())
    if standing.fault:
        return f"续期没有通过自检：{standing.fault}"
    if standing.until < archive.standing.until + GAIN:
        day = f"{standing.until.astimezone(BEIJING):%Y-%m-%d}"
        return f"时间戳服务的证书也在 {day} 到期，续期没有用处；请时间戳服务换发证书，或在 signing.toml 换一家"
    renewed = again(_store, archive.row, record, standing, services)
    found.done += [renewed] if renewed else []  # another service was faster; its renewal is as good
    return ""


def _store(row: ArchiveRecord, record: bytes, standing: Standing, services: Services) -> ArchiveRecord | None:
    """None where another service has renewed it since ``row`` was read."""
    digest, now = services.blobs.put(row.case_id, record), services.clock.now()
    with services.db.write() as unit:
        held = _as_read(row, unit)
        if held is None:
            return None
        renewed = held.renewed(standing.until, digest)
        _save(unit, held, renewed)
        day = f"{standing.until.astimezone(BEIJING):%Y-%m-%d}"
        detail = f"第 {renewed.renewals} 次，至 {day}，SHA-256 {hashlib.sha256(record).hexdigest()}"
        unit.logs.record_view(SYSTEM, now, "archive.renewed", row.case_id, detail)
    return renewed


def _as_read(row: ArchiveRecord, unit: Unit) -> ArchiveRecord | None:
    """The row as it stands now; None where a renewal has been kept since ``row`` was read."""
    held = unit.archives.of(row.case_id)
    return held if held and (held.renewals, held.sha256) == (row.renewals, row.sha256) else None


def _see(row: ArchiveRecord, until: datetime, services: Services) -> ArchiveRecord | None:
    with services.db.write() as unit:
        held = _as_read(row, unit)
        seen = held and held.seen(until)
        if held is not None and seen is not None:
            _save(unit, held, seen)
    return seen


def _note(row: ArchiveRecord, reason: str, found: Renewed, services: Services) -> None:
    """Says nothing where another service has renewed it meanwhile."""
    if again(_fail, row, reason, services):
        _LOG.error("the archive of case %s was not renewed: %s", row.case_id, reason)
        found.failed[row.case_id] = reason


def _fail(row: ArchiveRecord, reason: str, services: Services) -> bool:
    """What was named long before it is due is told to who named it, and is as due as before."""
    now = services.clock.now()
    with services.db.write() as unit:
        held = _as_read(row, unit)
        if held is not None and held.is_due(now):
            _save(unit, held, held.failed(now, reason))
    return held is not None


def _save(unit: Unit, before: ArchiveRecord, after: ArchiveRecord) -> None:
    """The boards are told where one begins to fail, fails of something else, or no longer does."""
    unit.archives.save(after)
    if before.reason != after.reason:
        unit.changes.branch_ids.add(unit.archives.branch_of(after.case_id))


HANDLERS: dict[type[Command], Handler] = {RenewArchives: renew_archives}
