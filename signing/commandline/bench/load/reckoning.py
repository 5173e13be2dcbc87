"""After the crashes: what was acknowledged is looked for in the records, and the records are verified whole."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from signing.commandline.bench.load.crowd import Crowd, open_app
from signing.commandline.bench.load.hammer import Account, Promise
from signing.commandline.doctor import examine
from signing.domain.errors import SigningError
from signing.domain.ledger import verify_chain
from signing.service.store import StoredEvent, Unit

RECORDS = "记录链"
"""What ``pingqian doctor`` calls the chains."""


@dataclass(frozen=True)
class Reckoning:
    """``lost``: acknowledged, but not there; ``doubled``: there more than once; ``broken``: chains that do not hold."""

    events: int
    lost: int
    doubled: int
    broken: int
    doctor: bool


def reckon(data: Path, database: str, crowd: Crowd, account: Account) -> Reckoning:
    """Reads everything. No service may run over ``data``."""
    app = open_app(data, database)
    try:
        with app.services.db.read() as unit:
            chains = {guest.case_id: _chain(unit, guest.case_id) for guest in crowd.guests}
            views = unit.logs.views()
    finally:
        asyncio.run(app.close())
    whole = {case_id: chain for case_id, chain in chains.items() if chain is not None}
    lost, doubled = _promises(whole, account.promises)
    lost += _too_few(whole, account.joins, "queue.joined") + _too_few(whole, account.leaves, "queue.left")
    lost += _unseen(views, account.looks)
    broken = len(chains) - len(whole) + (not _holds(views))
    content = all(finding.ok for finding in examine(data, database) if finding.what == RECORDS)
    return Reckoning(sum(len(chain) for chain in whole.values()), lost, doubled, broken, content)


def _chain(unit: Unit, case_id: str) -> list[StoredEvent] | None:
    """None where it is not the one that was chained."""
    try:
        return unit.cases.events(case_id)
    except SigningError:
        return None


def _holds(lines: list[bytes]) -> bool:
    try:
        verify_chain(lines)
    except SigningError:
        return False
    return True


def _promises(chains: Mapping[str, list[StoredEvent]], promises: list[Promise]) -> tuple[int, int]:
    """→ how many are not there, how many are there more than once."""
    found = [
        sum(event.type == promise.type and promise.mark in event.line.decode() for event in chains[promise.case_id])
        for promise in promises
        if promise.case_id in chains
    ]
    return len(promises) - len(found) + found.count(0), sum(times > 1 for times in found)


def _too_few(chains: Mapping[str, list[StoredEvent]], told: Mapping[str, int], kind: str) -> int:
    """How many events of a type that was acknowledged are missing, over all cases."""
    there = {case_id: Counter(event.type for event in chain)[kind] for case_id, chain in chains.items()}
    return sum(max(0, times - there.get(case_id, 0)) for case_id, times in told.items())


def _unseen(views: list[bytes], looks: Mapping[str, int]) -> int:
    there = Counter(json.loads(line)["body"]["case_id"] for line in views)
    return sum(max(0, times - there[case_id]) for case_id, times in looks.items())
