"""schemathesis over the whole OpenAPI against the real service and database: no server error, nothing undocumented.

Three examples an operation by default. ``PINGQIAN_FUZZ_EXAMPLES=100 … -s`` is the run the figure is taken from.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.core.failures import Failure, FailureGroup

from signing.web.limits import RateLimit
from signing.web.openapi import document
from tests.integration.web.core import created, issue
from tests.integration.web.running import ROLES, Running, running
from tests.integration.web.test_matrix import CORE_SYSTEM, table

EXAMPLES = int(os.environ.get("PINGQIAN_FUZZ_EXAMPLES", "3"))
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
LAST = ("logout", "/password", "/totp", "/active", "/sessions/")
"""What ends a session or locks an account comes last, so that it does not take the depth from the others."""


_BYTES = st.binary(max_size=200)
FILES: Mapping[str, st.SearchStrategy[bytes]] = {
    "image/jpeg": _BYTES.map(lambda tail: b"\xff\xd8\xff\xe0" + tail) | _BYTES,
    "image/png": _BYTES.map(lambda tail: b"\x89PNG\r\n\x1a\n" + tail) | _BYTES,
    "video/mp4": _BYTES.map(lambda tail: b"\x00\x00\x00\x20ftypisom" + tail) | _BYTES,
    "video/webm": _BYTES.map(lambda tail: b"\x1a\x45\xdf\xa3" + tail) | _BYTES,
    "application/pdf": _BYTES.map(lambda tail: b"%PDF-1.7\n" + tail) | _BYTES,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _BYTES.map(lambda tail: b"PK\x03\x04" + tail),
    "text/csv": st.text(max_size=200).map(lambda text: b"date,one_year,five_year\n" + text.encode()) | _BYTES,
}
for kind, strategy in FILES.items():
    schemathesis.openapi.media_type(kind, strategy)


@dataclass
class Attack:
    """What one run has sent and got back."""

    url: str
    tokens: Mapping[str, str]
    values: Mapping[str, str]
    may: Mapping[tuple[str, str], set[str]]
    """By operation, so that half of all requests come from whoever may do it."""
    statuses: Counter[int] = field(default_factory=Counter)
    found: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        schema = schemathesis.openapi.from_dict(document())
        found: list[Any] = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
        ordered = sorted(found, key=lambda one: any(part in one.path for part in LAST))
        with requests.Session() as session:
            session.trust_env = False
            for operation in ordered:
                self._operation(operation, session)

    def _operation(self, operation: Any, session: requests.Session) -> None:
        wanted = settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=EXAMPLES < 10,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        may = self.may.get((operation.method.upper(), operation.path), set())
        callers = st.sampled_from(sorted(self.tokens)) | st.sampled_from(sorted(may or self.tokens))

        @wanted
        @given(case=operation.as_strategy(), who=callers, real=st.booleans())
        def sent(case: Any, who: str, real: bool) -> None:
            if real:
                case.path_parameters = {
                    name: self.values.get(name, value) for name, value in (case.path_parameters or {}).items()
                }
            headers = {"Authorization": f"Bearer {self.tokens[who]}"} if self.tokens[who] else {}
            response = case.call(base_url=self.url, session=session, headers=headers, timeout=60)
            self.statuses[response.status_code] += 1
            try:
                case.validate_response(response, checks=CHECKS)
            except (Failure, FailureGroup) as failure:
                self.found.setdefault(f"{operation.label} as {who}: {response.status_code}", _in_words(failure))

        sent()


def _in_words(failure: Failure | FailureGroup) -> str:
    inner: Sequence[BaseException] = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
    return "; ".join(f"{type(one).__name__}: {str(one)[:300]}" for one in inner)


def unlimited(service: Running) -> None:
    limits = service.web.limits
    for one in fields(limits):
        limit = getattr(limits, one.name)
        if isinstance(limit, RateLimit):
            limit.limit = 1_000_000


@pytest.mark.timeout(180 + 90 * EXAMPLES)
async def test_nothing_that_is_sent_breaks_the_service_or_its_description(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        unlimited(service)
        opened = await service.open_case()
        key = (await issue(service)).key
        tokens = {"nobody": "", CORE_SYSTEM: key, "customer": await service.customer(opened)}
        tokens |= {ROLES[name]: await service.log_in(name) for name in ROLES}
        async with service.client(key) as http:
            await created(http, "LOAN-FUZZ")
        values = {
            "case_id": opened.case.case_id,
            "party_id": opened.case.parties[0].party_id,
            "document_id": opened.case.documents[0].document_id,
            "number": "1",
        }
        attack = Attack(service.url, tokens, values, table())
        await asyncio.to_thread(attack.run)
        async with service.client() as http:
            assert (await http.get("/readyz")).status_code == 200
    print(f"{attack.statuses.total()} requests:", dict(sorted(attack.statuses.items())))
    assert attack.statuses.total() >= 89 * min(EXAMPLES, 2)
    assert not attack.found, "\n".join(f"{where}\n    {what}" for where, what in attack.found.items())
