"""kill -9 in the middle of committing: whatever was acknowledged is there, and the chain is whole."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from signing.adapters.database import SqlDatabase
from signing.adapters.database.engine import open_engine, upgrade
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import Keyring
from signing.domain.ledger import verify_chain
from tests.postgres import both_databases
from tests.unit.domain.factories import make_case

WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from signing.adapters import demo_data
from signing.adapters.blobs import FolderBlobs
from signing.adapters.clock import SystemClock
from signing.adapters.database import SqlDatabase
from signing.adapters.database.engine import open_engine, upgrade
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import Keyring
from signing.domain import events
from signing.domain.case import Ending
from signing.domain.errors import NotFound
from signing.service.commands import SYSTEM
from tests.postgres import both_databases
from tests.unit.domain.factories import make_case

folder = Path(sys.argv[1])
keyring = Keyring(folder / "keyring.json")
engine = open_engine(sys.argv[2])
upgrade(engine)
keys = CaseKeys(engine, keyring)
db, clock, blobs = SqlDatabase(engine, keyring, keys), SystemClock(), FolderBlobs(folder / "blobs", keys.of)
with db.write() as unit:
    unit.people.add_institution(demo_data.INSTITUTION)
    unit.people.add_branch(demo_data.BRANCH)
case = replace(make_case(), institution_id="inst_demo", branch_id="branch_shanghang")
try:
    with db.write() as unit:
        case = unit.cases.get(case.case_id)
except NotFound:
    with db.write() as unit:
        unit.cases.add(case)
while True:
    digest = blobs.put(case.case_id, f"revision {case.version}".encode())
    with db.write() as unit:
        line = unit.cases.append(case.case_id, events.case_ended(Ending.ABORTED, digest, ()), SYSTEM, clock.now())
        case = unit.cases.save(case)
    print(case.version, line, digest, flush=True)
"""


AT_LEAST = 4


def run_and_kill(folder: Path, database: str, seconds: float) -> list[tuple[int, str, str]]:
    """→ what the writer acknowledged before it was killed: ``AT_LEAST`` and what it did in so many seconds more."""
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(folder), database], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    first = "".join(writer.stdout.readline() for _ in range(AT_LEAST))
    time.sleep(seconds)
    writer.send_signal(signal.SIGKILL)
    rest = writer.communicate(timeout=120)[0]
    whole = (row.split() for row in (first + rest).split("\n")[:-1])
    return [(int(version), line, digest) for version, line, digest in whole]


@pytest.mark.timeout(480)
@both_databases
def test_every_acknowledged_event_survives_kill_nine(tmp_path: Path, database: str) -> None:
    acknowledged = [row for pause in (0.05, 0.21, 0.4) for row in run_and_kill(tmp_path, database, pause)]
    assert len(acknowledged) >= 3 * AT_LEAST
    keyring = Keyring(tmp_path / "keyring.json")
    engine = open_engine(database)
    upgrade(engine)
    case_id = make_case().case_id
    with SqlDatabase(engine, keyring, CaseKeys(engine, keyring)).read() as unit:
        events, case = unit.cases.events(case_id), unit.cases.get(case_id)
    verify_chain(event.line for event in events)
    found = {event.seq: (event.sha256, event.body["reason"]) for event in events}
    for version, line, digest in acknowledged:
        assert found[version] == (line, digest)
    # State and event are one transaction, also for the last one, which may not have been acknowledged.
    assert case.version == len(events)
    named = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file() and not path.name.startswith(".")]
    assert len(named) >= len(acknowledged)
    assert all(path.stat().st_size > 0 for path in named)
    engine.dispose()
