"""Renews the time-stamps of closed packages before their certificates end. The packages never change."""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from signing.domain.archive import GAIN, ArchiveRecord
from signing.domain.beijing import BEIJING
from signing.domain.errors import OutsideError, SigningError
from signing.service.again import again
from signing.service.bus import Handler
from signing.service.commands import SYSTEM, Command
from signing.service.content import Stored, package_file
from signing.service.ports import Standing
from signing.service.seal_commands import RenewArchives
from signing.service.services import Services

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
    """``failed``: why not, by case; ``left``: more than one run may do are due."""

    done: list[ArchiveRecord] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
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
    except SigningError as error:
        for one in archives:
            await asyncio.to_thread(_note, one.row, error.message, found, services)
        return found
    for one, record in zip(archives, records, strict=True):
        await asyncio.to_thread(_keep, one, record, found, services)
    return found


def _chosen(case_ids: Sequence[str], services: Services) -> list[ArchiveRecord]:
    with services.db.read() as unit:
        return unit.archives.several(case_ids) if case_ids else unit.archives.due(services.clock.now(), AT_ONCE)


def _look(row: ArchiveRecord, command: RenewArchives, found: Renewed, services: Services) -> Archive | None:
    """None where there is nothing to do yet, or something is wrong, which is noted."""
    now = services.clock.now()
    try:
        with services.db.read() as unit:
            case = unit.cases.get(row.case_id)
        if case.package is None:
            _note(row, "证据包还没有封存", found, services)
            return None
        package = package_file(row.case_id, case.package, services.blobs)
        if row.until is None:
            row = row.seen(services.records.until(package))
            again(_save, row, services)
        if not command.case_ids and not row.is_due(now):
            return None
        record = services.blobs.get(row.case_id, row.sha256) if row.sha256 else b""
        standing = services.records.standing(package, record, now)
    except OutsideError:
        raise
    except SigningError as error:
        _note(row, f"证据包或续期记录读不出来：{error.message}", found, services)
        return None
    if standing.fault:
        _note(row, f"没有续期：{standing.fault}", found, services)
        return None
    return Archive(row, package, record, standing)


def _keep(archive: Archive, record: bytes, found: Renewed, services: Services) -> None:
    """Judged before it is kept: what reaches no further, or does not hold, is no renewal."""
    try:
        standing = services.records.standing(archive.package, record, services.clock.now())
    except SigningError as error:
        _note(archive.row, error.message, found, services)
        return
    if standing.fault:
        _note(archive.row, f"续期没有通过自检：{standing.fault}", found, services)
    elif standing.until < archive.standing.until + GAIN:
        day = f"{standing.until.astimezone(BEIJING):%Y-%m-%d}"
        reason = f"时间戳服务的证书也在 {day} 到期，续期没有用处；请时间戳服务换发证书，或在 signing.toml 换一家"
        _note(archive.row, reason, found, services)
    else:
        again(_store, archive.row, record, standing, found, services)


def _store(row: ArchiveRecord, record: bytes, standing: Standing, found: Renewed, services: Services) -> None:
    digest, now = services.blobs.put(row.case_id, record), services.clock.now()
    with services.db.write() as unit:
        held = unit.archives.of(row.case_id)
        if held is None or held.renewals != row.renewals:
            return  # another service was faster; its renewal is as good
        renewed = held.renewed(standing.until, digest)
        unit.archives.save(renewed)
        day = f"{standing.until.astimezone(BEIJING):%Y-%m-%d}"
        detail = f"第 {renewed.renewals} 次，至 {day}，SHA-256 {hashlib.sha256(record).hexdigest()}"
        unit.logs.record_view(SYSTEM, now, "archive.renewed", row.case_id, detail)
        found.done.append(renewed)


def _save(row: ArchiveRecord, services: Services) -> None:
    with services.db.write() as unit:
        unit.archives.save(row)


def _note(row: ArchiveRecord, reason: str, found: Renewed, services: Services) -> None:
    _LOG.error("the archive of case %s was not renewed: %s", row.case_id, reason)
    found.failed[row.case_id] = reason
    again(_save, row.failed(services.clock.now(), reason), services)


HANDLERS: dict[type[Command], Handler] = {RenewArchives: renew_archives}
