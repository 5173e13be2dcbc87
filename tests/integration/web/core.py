"""A credit system for tests: its key, its orders, its client."""

import asyncio
from typing import Any

import httpx

from signing.adapters import demo_data
from signing.bootstrap import App
from signing.service.commands import SYSTEM
from signing.service.core_commands import AddCoreKey, IssuedKey
from tests.integration.web.running import CASE, Running

CASES = "/api/core/v1/cases"
INSTITUTION = demo_data.INSTITUTION.institution_id
ORDER: dict[str, Any] = {**CASE, "branch_id": demo_data.BRANCH.branch_id}


async def issue(
    service: Running, *allowed: str, name: str = "信贷系统", institution_id: str = INSTITUTION
) -> IssuedKey:
    issued = await service.web.execute(AddCoreKey(SYSTEM, institution_id, name, allowed))
    assert isinstance(issued, IssuedKey)
    return issued


def order(reference: str | None = None, **change: Any) -> dict[str, Any]:
    return {**ORDER, **({"reference": reference} if reference else {}), **change}


async def created(http: httpx.AsyncClient, reference: str, **change: Any) -> dict[str, Any]:
    answer = await http.post(CASES, json=order(reference, **change))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def issue_offline(app: App) -> IssuedKey:
    """Where no service runs yet."""
    issued = asyncio.run(app.bus.execute(AddCoreKey(SYSTEM, INSTITUTION, "信贷系统")))
    assert isinstance(issued, IssuedKey)
    return issued
