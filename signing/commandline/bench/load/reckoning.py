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
    ended = [_ends(whole[leave.case_id], leave.ticket_id) for leave in account.leaves if leave.case_id in whole]
    lost += len(account.leaves) - len(ended) + ended.count(0)
    doubled += sum(times > 1 for times in ended)
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


def _ends(chain: list[StoredEvent], ticket_id: str) -> int:
    """How often a place was left; where never, 1 where the call that it led to was hung up before it was given up.

    A place that came back after a drop is looked at from there on, and until the customer's next one.
    """
    left = sum(event.type == "queue.left" and ticket_id in event.line.decode() for event in chain)
    return left or int(_hung_up(chain, ticket_id))


def _hung_up(chain: list[StoredEvent], ticket_id: str) -> bool:
    begins = [
        number
        for number, event in enumerate(chain)
        if event.type in ("queue.joined", "queue.rejoined") and ticket_id in event.line.decode()
    ]
    after = chain[begins[-1] + 1 :] if begins else []
    until = next((number for number, event in enumerate(after) if event.type == "queue.joined"), len(after))
    return any(event.type == "call.ended" for event in after[:until])


def _unseen(views: list[bytes], looks: Mapping[str, int]) -> int:
    there = Counter(json.loads(line)["body"]["case_id"] for line in views)
    return sum(max(0, times - there[case_id]) for case_id, times in looks.items())
