"""What an operation costs after a year, counted in SQLite's own steps: a clock would tell more of the machine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, event

from signing.commandline.bench.questions import Office, opened_office

FEW, MANY = 500, 4000
STEPS = 10
ALLOWED = 1.08
"""What reads all calls of a seat, or all cases of a branch or an institution, would grow by more than that."""
ROUNDS = 3


@contextmanager
def counted(engine: Engine) -> Iterator[Callable[[], int]]:
    """How many tens of SQLite's virtual machine steps have been made, over all connections."""
    made = [0]

    def step() -> int:
        made[0] += 1
        return 0

    def watch(connection: object, *_: object) -> None:
        connection.set_progress_handler(step, STEPS)  # type: ignore[attr-defined]

    event.listen(engine, "checkout", watch)
    try:
        yield lambda: made[0]
    finally:
        event.remove(engine, "checkout", watch)


def steps_of(office: Office) -> dict[str, float]:
    found = {}
    with counted(office.app.engine) as made:
        for goal, question in office.questions().items():
            question(0)
            before = made()
            for number in range(1, ROUNDS + 1):
                question(number)
            found[goal] = (made() - before) / ROUNDS
    return found


def test_no_operation_reads_more_of_the_database_the_more_lies_behind(tmp_path: Path) -> None:
    with opened_office(tmp_path / "data", "") as office:
        office.fill_day()
        office.fill_year(FEW, 1, lambda done: None)
        few = steps_of(office)
        office.fill_year(MANY, 1, lambda done: None, first=FEW)
        many = steps_of(office)
    assert sum(few.values()) > 1000
    grown = {goal: (few[goal], many[goal]) for goal in few if many[goal] > ALLOWED * few[goal] + 1}
    assert not grown


def test_the_cases_behind_lie_before_the_last_day(tmp_path: Path) -> None:
    """Otherwise the lists would show them, and every question would have something else to find."""
    with opened_office(tmp_path / "data", "") as office:
        office.fill_day()
        office.fill_year(20, 1, lambda done: None)
        with office.app.services.db.read() as unit:
            first = unit.cases.get("case_000000000019").opened_at
    assert first < office.now - timedelta(days=1)
