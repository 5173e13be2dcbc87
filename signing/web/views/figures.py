"""The figures of a day, as the board shows them."""

from collections.abc import Mapping
from datetime import UTC

from signing.domain import figures as f
from signing.service.figures import OUTSIDER, FiguresSnapshot
from signing.wire import figures as wire


def figures_view(found: FiguresSnapshot) -> wire.DayFigures:
    before = found.before
    assert before is not None
    return wire.DayFigures(
        server_time=found.now,
        institution=found.institution,
        first=found.span.first,
        last=found.span.last,
        usual=_level(found.usual),
        own=None if found.own is None else _level(found.own),
        total=measures(found.total),
        before=wire.Headline(
            cases=before.cases, served=before.served, amount=str(before.amount), average_talk=before.average_talk
        ),
        slots=[wire.Slot(starts_at=at.astimezone(UTC), measures=measures(one)) for at, one in found.slots.items()],
        branches=_groups(found.branches, found.names),
        products=_groups(found.products, found.names),
        agents=_groups(found.agents, found.names),
        refusals=[
            wire.Refusal(
                branch=found.names.get(branch, OUTSIDER),
                product=found.names.get(product, product),
                agent=found.names.get(agent, OUTSIDER),
                ending=why[0],
                reason=why[1],
                count=count,
            )
            for (branch, product, agent, why), count in found.refusals.items()
        ],
    )


def _level(target: f.Target) -> wire.Level:
    return wire.Level(percent=target.percent, seconds=target.seconds)


def _groups(measured: Mapping[str, f.Measures], names: Mapping[str, str]) -> list[wire.Group]:
    """The busiest first."""
    ordered = sorted(measured.items(), key=lambda item: (-item[1].cases, -item[1].arrivals, -item[1].talks, item[0]))
    return [wire.Group(name=names.get(key, OUTSIDER), measures=measures(one)) for key, one in ordered]


def measures(one: f.Measures) -> wire.Measures:
    return wire.Measures(
        arrivals=one.arrivals,
        served=one.served,
        left=one.left,
        waiting=one.waiting,
        average_wait=one.average_wait,
        longest_wait=one.longest_wait,
        level=one.level,
        own_level=one.own_level,
        talks=one.talks,
        average_talk=one.average_talk,
        cases=one.cases,
        amount=str(one.amount),
        unread=one.unread,
        ended=one.ended,
    )
