"""axe-core, run in the page: what it finds serious or critical; and whether a page is read as it is seen."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from tests.end2end.phone.conftest import Phone

LOUD = ("serious", "critical")
LOOKS = ("color-contrast", "scrollable-region-focusable", "button-name", "link-name", "label")
"""Rules whose answer another size of print or other colours can change."""
CHECK = """async (rules) => {
  const only = rules.length ? { runOnly: { type: 'rule', values: rules } } : {};
  const found = await axe.run(document, { resultTypes: ['violations'], iframes: false, ...only });
  return found.violations.map((each) => [each.id, each.impact, each.nodes.map((node) => [node.target.join(' '),
    node.any.concat(node.all).map((why) => why.message).join('; ')])]);
}"""
READ = """() => {
  const parts = 'p, li, h2, h3, legend, label, button, a, input, .notice, .prompt, canvas, img';
  const within = (places) => places.map((place) => parts.split(', ').map((part) => `${place} ${part}`).join(', '));
  const stands = (node) => node.offsetParent !== null && node.getBoundingClientRect().width > 1
    && !node.closest('#page-sheet, .unseen') && getComputedStyle(node).position !== 'absolute';
  const said = (node) => `${node.id || node.className || node.tagName} ${node.textContent.slice(0, 12)}`;
  const places = ['#sentence', ...within(['#content', '#why', '#way-out'])];
  const nodes = Array.from(document.querySelectorAll(places.join(', ')));
  const faults = [];
  nodes.filter(stands).reduce((last, node) => {
    if (last && !last.contains(node)) {
      const [a, b] = [last, node].map((each) => each.getBoundingClientRect());
      const shared = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      const above = b.bottom <= a.top + 2;
      const before = shared > Math.min(a.height, b.height) / 2 && b.right <= a.left + 2;
      if (above || before) faults.push(`${said(node)} stands before ${said(last)}`);
    }
    return node;
  }, null);
  const heads = Array.from(document.querySelectorAll('h1, h2, h3, h4')).filter((node) => node.offsetParent !== null)
    .map((node) => Number(node.tagName[1]));
  if (heads.filter((level) => level === 1).length !== 1) faults.push(`headings of the first rank: ${heads}`);
  if (heads.some((level, at) => at && level > heads[at - 1] + 1)) faults.push(`a rank is left out: ${heads}`);
  const live = (id) => document.getElementById(id).closest('[aria-live], [role=status], [role=alert]');
  ['strip', 'error'].filter((id) => !live(id)).forEach((id) => faults.push(`#${id} is not read out`));
  if (document.activeElement === document.body) faults.push('the focus is nowhere');
  return faults;
}"""


@cache
def engine() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def faults(phone: Phone, rules: Sequence[str] = ()) -> list[Any]:
    """Empty where all is well: (rule, impact, elements with the reason). Of these rules, or of all."""
    if not phone.page.evaluate("Boolean(window.axe)"):
        phone.page.evaluate(engine())
    found: list[Any] = phone.page.evaluate(CHECK, list(rules))
    return [each for each in found if each[1] in LOUD]


def is_accessible(phone: Phone, name: str, rules: Sequence[str] = ()) -> None:
    found = faults(phone, rules)
    assert not found, f"{name}: {found}"


def is_read_as_it_is_seen(phone: Phone, name: str) -> None:
    """What stands in the page one after the other is seen so; one title, on which or behind which the focus is; what
    comes by itself is read out."""
    found = phone.page.evaluate(READ)
    assert not found, f"{name}: {found}"
