"""Recordings that an earlier run of the program left in the spool."""

import asyncio
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from desktop.spool import Item, Spool
from desktop.upload import as_finished
from media.errors import MediaError
from media.fragments import segments_path
from media.recovery import recover
from media.sealedstore import told_links

NO_KEY = "录像的密钥没来得及存下，内容打不开。请联系管理员，由主管声明遗失"


@dataclass(frozen=True)
class Leftovers:
    """``whole`` can be uploaded, oldest first; ``broken`` stay where they are, each with the reason in words."""

    whole: list[Item] = field(default_factory=list)
    broken: list[tuple[Item, str]] = field(default_factory=list)


async def recover_items(
    spool: Spool, server: str, being_recorded: Callable[[], Container[Path]] = frozenset
) -> Leftovers:
    """What earlier runs recorded for ``server``; unfinished files are made whole first.

    ``being_recorded`` may wait until it is known what a call that an earlier window left is recorded to.
    """
    return await asyncio.to_thread(_recover_all, spool, server, being_recorded)


async def recover_these(spool: Spool, items: Sequence[Item]) -> Leftovers:
    """What an engine that is gone was recording."""
    return await asyncio.to_thread(_recover_each, spool, items)


def _recover_all(spool: Spool, server: str, being_recorded: Callable[[], Container[Path]] = frozenset) -> Leftovers:
    found = [item for item in spool.items() if item.server == server]
    busy = being_recorded()
    return _recover_each(spool, [item for item in found if spool.video(item) not in busy])


def _recover_each(spool: Spool, items: Sequence[Item]) -> Leftovers:
    found = Leftovers()
    for item in items:
        _recover(spool, item, found)
    return found


def _recover(spool: Spool, item: Item, found: Leftovers) -> None:
    """A folder in which nothing was ever recorded is removed. What lies encrypted is closed by whoever delivers it,
    once the service has given the key; what an older version wrote in the clear is closed here."""
    video = spool.video(item)
    if item.finished is not None:
        found.whole.append(item)
    elif not video.exists() and segments_path(video).exists():
        _sealed(spool, item, found)
    elif item.opened is None and not video.exists():
        spool.remove(item)
    else:
        _plain(spool, item, found)


def _sealed(spool: Spool, item: Item, found: Leftovers) -> None:
    if spool.is_running(item):  # by an engine that outlived its window
        found.whole.append(item)
    elif len(told_links(spool.video(item))) < 2 and item.opened is None:  # never announced, and holds nothing whole
        spool.remove(item)
    elif item.wrapped is None and spool.key(item) is None:
        found.broken.append((item, NO_KEY))
    else:
        found.whole.append(item)


def _plain(spool: Spool, item: Item, found: Leftovers) -> None:
    try:
        item = spool.update(item, finished=as_finished(recover(spool.video(item))))
    except MediaError as error:
        if item.opened is None:  # it was never announced, and holds nothing whole
            spool.remove(item)
        else:
            found.broken.append((item, str(error)))
    except OSError as error:
        found.broken.append((item, error.strerror or "本机文件读不出来"))
    else:
        found.whole.append(item)
