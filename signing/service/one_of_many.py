"""Work on many things, of which one may be spoilt: the others have their turn."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from signing.domain.case import Case
from signing.domain.errors import KeyMissing, OutsideError, SigningError
from signing.service.store import Unit

_LOG = logging.getLogger(__name__)


def stops_all(error: SigningError) -> bool:
    """Whether the next thing would fail too: not where only one case cannot be opened."""
    return isinstance(error, OutsideError) and not isinstance(error, KeyMissing)


@contextmanager
def passing_over(what: str) -> Iterator[None]:
    """What is refused inside is logged with ``what``. Raises ``OutsideError`` where the database is away."""
    try:
        yield
    except SigningError as error:
        if stops_all(error):
            raise
        _LOG.error("%s: %s", what, error.code)


def readable(unit: Unit, case_id: str) -> Case | None:
    """None where it cannot be opened, which is logged. Raises ``OutsideError`` where the database is away."""
    with passing_over(f"case {case_id} cannot be opened"):
        return unit.cases.get(case_id)
    return None
