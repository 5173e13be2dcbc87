"""Rules about what shows that it happened."""

from collections.abc import Iterator
from decimal import Decimal

from signing.domain.risk.facts import Facts
from signing.domain.risk.rule import Hit, Numbers


def recording_lost(facts: Facts, _: Numbers) -> Iterator[Hit]:
    """A supervisor has said that it is lost; whether a seal may follow is the institution's own affair."""
    if lost := facts.recordings_lost:
        words = f"有 {len(lost)} 段录像已由主管声明遗失：{'；'.join(lost)}"
        hint = "请另一位主管写明理由后放行，或重新办理并录像"
        yield Hit(words, hint=hint, facts={"recordings": str(len(lost))}, size=Decimal(len(lost)))
