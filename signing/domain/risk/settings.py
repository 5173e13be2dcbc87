"""An institution's own choice for each rule: on or off, outcome, the step it closes, numbers."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from signing.domain.risk.catalogue import BY_KEY, RULES
from signing.domain.risk.model import OUTCOME_TITLES, STAGE_TITLES, Outcome, Stage, weight
from signing.domain.risk.rule import Number, Numbers, Rule

LARGEST = Decimal("9999999999.99")
Fault = tuple[tuple[str, ...], str]
"""Where (rule, key) and which rule of writing is broken."""


@dataclass(frozen=True)
class Setting:
    on: bool
    outcome: Outcome
    blocks: Stage
    numbers: Numbers


Settings = Mapping[str, Setting]
"""Rule → how it is applied; every rule of the catalogue has an entry."""


def default_of(rule: Rule) -> Setting:
    return Setting(True, rule.outcome, rule.blocks, {number.key: number.default for number in rule.numbers})


DEFAULTS: Settings = {rule.key: default_of(rule) for rule in RULES}


def settings_of(table: Mapping[str, object]) -> tuple[Settings, list[Fault]]:
    """``table`` as TOML gives it: a table a rule, with what differs from the defaults. All faults, not the first."""
    faults: list[Fault] = [((key,), "没有这条规则") for key in table if key not in BY_KEY]
    found: dict[str, Setting] = {}
    for rule in RULES:
        own = table.get(rule.key, {})
        if not isinstance(own, Mapping):
            faults.append(((rule.key,), "须为一张表"))
            own = {}
        wrong = [((rule.key, key), words) for key, words in _faults(rule, own)]
        faults += wrong
        found[rule.key] = default_of(rule) if wrong else _setting(rule, own)
    return found, faults


def _faults(rule: Rule, own: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    numbers = {number.key: number for number in rule.numbers}
    for key, value in own.items():
        if key == "on":
            yield from _switch_faults(rule, value)
        elif key == "outcome":
            yield from _outcome_faults(rule, value)
        elif key == "blocks":
            if value not in _BLOCKABLE:
                yield key, f"须为 {'、'.join(_BLOCKABLE)} 之一"
        elif key in numbers:
            yield from ((key, words) for words in _number_faults(numbers[key], value))
        else:
            yield key, "不认识这一项"


_BLOCKABLE = tuple(stage.value for stage in Stage if stage is not Stage.CREATION)
"""What is not there yet cannot be closed, and a case that is being opened is not there yet."""


def _switch_faults(rule: Rule, value: object) -> Iterator[tuple[str, str]]:
    if not isinstance(value, bool):
        yield "on", "须为 true 或 false"
    elif not value and rule.softest is not Outcome.ALLOW:
        yield "on", f"“{rule.title}”不能关闭"


def _outcome_faults(rule: Rule, value: object) -> Iterator[tuple[str, str]]:
    if value not in [one.value for one in Outcome]:
        yield "outcome", f"须为 {'、'.join(one.value for one in Outcome)} 之一"
    elif weight(Outcome(str(value))) < weight(rule.softest):
        yield "outcome", f"“{rule.title}”至少须为 {rule.softest.value}（{OUTCOME_TITLES[rule.softest]}）"


def _number_faults(number: Number, value: object) -> Iterator[str]:
    if number.money and not isinstance(value, str):
        yield "金额须写在引号里"
        return
    if not number.money and (isinstance(value, bool) or not isinstance(value, int)):
        yield "须为整数"
        return
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        yield "不是一个数"
        return
    if not amount.is_finite() or not number.least <= amount <= LARGEST:
        yield f"须在 {number.least} 至 {LARGEST if number.money else int(LARGEST)} 之间"
    elif amount != amount.quantize(Decimal("0.01")):
        yield "金额最多精确到分"


def _setting(rule: Rule, own: Mapping[str, object]) -> Setting:
    base = default_of(rule)
    numbers = {key: Decimal(str(own[key])) if key in own else value for key, value in base.numbers.items()}
    outcome, blocks = str(own.get("outcome", base.outcome)), str(own.get("blocks", base.blocks))
    return Setting(own.get("on", True) is True, Outcome(outcome), Stage(blocks), numbers)


def digest_of(settings: Settings) -> str:
    """SHA-256 of all that is set, whatever way it was written."""
    return hashlib.sha256(as_toml(settings).encode()).hexdigest()


def as_toml(settings: Settings) -> str:
    """Everything that is set, with the words of each number: what an institution begins its own file with."""
    return "\n".join(line for rule in RULES for line in _table(rule, settings[rule.key]))


def _table(rule: Rule, setting: Setting) -> Iterator[str]:
    yield f"# {rule.title}（{'、'.join(STAGE_TITLES[stage] for stage in rule.stages)}）"
    yield f"[{rule.key}]"
    yield f"on = {'true' if setting.on else 'false'}"
    yield f'outcome = "{setting.outcome.value}"  # {OUTCOME_TITLES[setting.outcome]}'
    yield f'blocks = "{setting.blocks.value}"  # 转主管后停在：{STAGE_TITLES[setting.blocks]}'
    for number in rule.numbers:
        value = setting.numbers[number.key]
        if value is None:
            yield f'# {number.key} = "200000.00"  # {number.title}'
        else:
            written = f'"{value}"' if number.money else f"{value:f}"
            yield f"{number.key} = {written}  # {number.title}"
    yield ""
