"""Fills the search index for cases of before there was one: at a start, some at a time, each batch for good."""

import logging

from sqlalchemy import Connection, Engine, select, update

from signing.adapters.database.cases import opened
from signing.adapters.database.faults import told
from signing.adapters.database.finding import keep_index
from signing.adapters.database.schema import case as cases
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import INDEX_VERSION
from signing.domain.errors import TamperError

_LOG = logging.getLogger(__name__)
BATCH = 200
UNREADABLE = -1
"""The index version of a case that could not be opened: it is found by its number, and reported by ``doctor``."""


def fill_index(engine: Engine, keys: CaseKeys) -> int:
    """→ how many cases were looked at; nothing where all are indexed."""
    done = 0
    while True:
        with told(), engine.connect().execution_options(write=True) as connection, connection.begin():
            wanted = select(cases.c.case_id).where(cases.c.index_version == 0).limit(BATCH).with_for_update()
            case_ids = list(connection.execute(wanted).scalars())
            for case_id in case_ids:
                _fill(connection, keys, case_id)
        done += len(case_ids)
        if len(case_ids) < BATCH:
            return done


def _fill(connection: Connection, keys: CaseKeys, case_id: str) -> None:
    version = INDEX_VERSION
    try:
        row = connection.execute(select(cases).where(cases.c.case_id == case_id)).mappings().one()
        keep_index(connection, keys, opened(keys.within(connection, case_id), row))
    except TamperError:
        _LOG.error("case %s cannot be opened and is not in the search index", case_id)
        version = UNREADABLE
    connection.execute(update(cases).where(cases.c.case_id == case_id).values(index_version=version))
