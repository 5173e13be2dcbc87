"""Evaluation of a step: all findings, and what they come to beside those that the case has already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from signing.domain.risk.catalogue import RULES
from signing.domain.risk.facts import Facts
from signing.domain.risk.model import Acknowledgement, Finding, Outcome, Stage, later, weight, worst
from signing.domain.risk.rule import Hit, Rule
from signing.domain.risk.settings import Setting, Settings, digest_of


def evaluate(settings: Settings, facts: Facts, stage: Stage) -> tuple[Finding, ...]:
    """What every rule of ``stage`` that is on has to say, in the catalogue's order."""
    digest = digest_of(settings)
    applied = [(rule, settings[rule.key]) for rule in RULES if stage in rule.stages and settings[rule.key].on]
    return tuple(
        replace(_finding(rule, setting, hit, stage, facts.now), rules_sha256=digest)
        for rule, setting in applied
        for hit in rule.judge(facts, setting.numbers)
    )


def _finding(rule: Rule, setting: Setting, hit: Hit, stage: Stage, now: datetime) -> Finding:
    subject = hit.subject
    return Finding(
        rule.key,
        rule.title,
        setting.outcome,
        hit.reason,
        hit.hint,
        stage,
        later(stage, setting.blocks),
        now,
        subject.party_id if subject else "",
        subject.label if subject else "",
        dict(hit.facts),
        hit.size,
    )


def verdict(findings: Iterable[Finding]) -> Outcome:
    """The worst decides, in whatever order they come."""
    return worst(finding.outcome for finding in findings)


def heaviest(findings: Sequence[Finding]) -> list[Finding]:
    """Those that make the verdict."""
    return [finding for finding in findings if weight(finding.outcome) == weight(verdict(findings))]


@dataclass(frozen=True)
class Merged:
    """``findings``: what the case has now. ``new`` and ``cleared`` are what has changed."""

    findings: tuple[Finding, ...]
    new: tuple[Finding, ...]
    cleared: tuple[Finding, ...]


def merge(known: Sequence[Finding], found: Sequence[Finding], stage: Stage, *, other_facts: bool = False) -> Merged:
    """A finding that says no more than before keeps what was decided about it; a worse one takes its place.

    What a rule of this step no longer finds is cleared, unless a supervisor has decided about it: that stays. Where
    the case itself has ``other_facts``, what was sent back is cleared too: that is how it can be put right.
    """
    looked_at = {rule.key for rule in RULES if stage in rule.stages}
    before = {finding.key: finding for finding in known}
    again = {finding.key: finding for finding in found}
    new = tuple(one for one in found if not (one.key in before and before[one.key].covers(one)))
    cleared = tuple(
        one
        for one in known
        if one.rule in looked_at and one.key not in again and _may_be_cleared(one, other_facts=other_facts)
    )
    renewed = {one.key for one in (*new, *cleared)}
    return Merged((*(one for one in known if one.key not in renewed), *new), new, cleared)


def _may_be_cleared(finding: Finding, *, other_facts: bool) -> bool:
    decision = finding.decision
    return decision is None or (other_facts and not decision.released)


def acknowledge(findings: Sequence[Finding], by: str, now: datetime) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """→ all findings, and those warnings that are acknowledged now."""
    mark = Acknowledgement(by, now)
    after = tuple(
        replace(one, acknowledged=mark) if one.outcome is Outcome.WARN and one.acknowledged is None else one
        for one in findings
    )
    return after, tuple(one for one, old in zip(after, findings, strict=True) if one is not old)
