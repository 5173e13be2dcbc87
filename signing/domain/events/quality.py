"""How good the line was."""

from signing.domain.call import Call
from signing.domain.events.base import Happening, at, of
from signing.domain.party import Party
from signing.domain.quality import BAR_TITLES, CAUSE_TITLES, Cause, Stretch, break_in_words, in_words

QUALITY = "call.quality"
SAID_BY_THE_BARS = (Cause.FINE, Cause.BROKEN)


def quality_measured(party: Party, call: Call, stretch: Stretch) -> Happening:
    figures = {name: round(value, 3) for name, value in vars(stretch.figures).items() if isinstance(value, int | float)}
    said = "".join(f"，{words}" for words in (break_in_words(stretch), in_words(stretch.figures)) if words)
    return of(
        party,
        QUALITY,
        call_id=call.call_id,
        since=at(stretch.since),
        until=at(stretch.until),
        bars=stretch.bars,
        bars_title=BAR_TITLES[stretch.bars],
        cause=stretch.cause.value,
        cause_title="" if stretch.cause in SAID_BY_THE_BARS else f"，{CAUSE_TITLES[stretch.cause]}",
        mean=round(stretch.mean, 1),
        least=round(stretch.least, 1),
        figures=figures,
        said=said,
        **({"broken_seconds": round(stretch.broken_seconds, 1)} if stretch.broken_seconds else {}),
    )
