"""Recordings that an earlier run of the program left in the spool."""

import asyncio

from desktop.spool import Item, Spool


async def recover_items(spool: Spool, server: str) -> list[Item]:
    """What is to be uploaded to ``server``, oldest first; unfinished files are made whole first."""
    return await asyncio.to_thread(_recover_all, spool, server)


def _recover_all(spool: Spool, server: str) -> list[Item]:
    items = [item for item in spool.items() if item.server == server]
    return [item for item in items if item.finished is not None]
