"""axe-core, run inside the page: what it finds serious or critical."""

from functools import cache
from importlib.resources import files
from typing import Any

from tests.end2end.phone.conftest import Phone

LOUD = ("serious", "critical")
CHECK = """async () => {
  const found = await axe.run(document, { resultTypes: ['violations'], iframes: false });
  return found.violations.map((each) => [each.id, each.impact, each.nodes.map((node) => [node.target.join(' '),
    node.any.concat(node.all).map((why) => why.message).join('; ')])]);
}"""


@cache
def engine() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def faults(phone: Phone) -> list[Any]:
    """Empty where all is well: (rule, impact, elements with the reason)."""
    if not phone.page.evaluate("Boolean(window.axe)"):
        phone.page.evaluate(engine())
    found: list[Any] = phone.page.evaluate(CHECK)
    return [each for each in found if each[1] in LOUD]


def is_accessible(phone: Phone, name: str) -> None:
    found = faults(phone)
    assert not found, f"{name}: {found}"
