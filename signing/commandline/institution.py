"""Institutions that are named on the command line."""

from collections.abc import Iterator
from contextlib import contextmanager

from signing.bootstrap import App
from signing.domain.errors import NotFound


@contextmanager
def looked_up() -> Iterator[None]:
    """A ``NotFound`` within says where the numbers of institutions stand."""
    try:
        yield
    except NotFound as error:
        raise NotFound(error.message, "请用 pingqian branch list 查看机构编号") from None


def name_of(app: App, institution_id: str) -> str:
    """Raises ``NotFound`` where there is no such institution."""
    with app.services.db.read() as unit, looked_up():
        return unit.people.institution(institution_id).name
