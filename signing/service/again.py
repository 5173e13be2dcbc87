"""The same unit of work once more, where somebody else came between."""

import time
from collections.abc import Callable
from typing import TypeVar

from signing.domain.errors import ConflictError, Contended

T = TypeVar("T")
ATTEMPTS = 6
FIRST_PAUSE_SECONDS = 0.01


def again(work: Callable[..., T], *arguments: object) -> T:
    """``work(*arguments)``, which loads afresh each time. Raises ``Contended`` after ``ATTEMPTS``.

    Only for work whose last unit is the one that can be contended: what was committed before stays.
    """
    for attempt in range(ATTEMPTS - 1):
        try:
            return work(*arguments)
        except Contended:
            time.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
    return work(*arguments)


def to_the_end(work: Callable[..., T], *arguments: object) -> T:
    """As ``again``, after a step that must not be done twice: in place of ``Contended``, which would have everything
    done again, raises ``ConflictError``."""
    try:
        return again(work, *arguments)
    except Contended as error:
        raise ConflictError(error.message, error.hint) from error
