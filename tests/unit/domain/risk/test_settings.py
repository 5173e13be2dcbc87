"""An institution's own numbers: what may be written, and how each slip of the pen is told."""

import tomllib
from decimal import Decimal

import pytest

from signing.domain.risk.catalogue import RULES
from signing.domain.risk.model import Outcome, Stage
from signing.domain.risk.settings import DEFAULTS, as_toml, settings_of


def test_nothing_written_is_the_defaults() -> None:
    assert settings_of({}) == (DEFAULTS, [])


def test_what_is_printed_can_be_read_again() -> None:
    text = as_toml(DEFAULTS)
    assert settings_of(tomllib.loads(text)) == (DEFAULTS, [])
    assert all(f"[{rule.key}]" in text and rule.title in text for rule in RULES)


def test_only_what_is_written_differs() -> None:
    written = """
        [same_phone]
        outcome = "warn"
        days = 30
        [exposure]
        limit = "300000.50"
        blocks = "sealing"
        [velocity_agent]
        on = false
    """
    settings, faults = settings_of(tomllib.loads(written))
    assert faults == []
    phone, exposure = settings["same_phone"], settings["exposure"]
    assert (phone.outcome, phone.numbers) == (Outcome.WARN, {"days": Decimal(30), "cases": Decimal(1)})
    assert (exposure.numbers["limit"], exposure.blocks) == (Decimal("300000.50"), Stage.SEALING)
    assert not settings["velocity_agent"].on
    assert {key for key in DEFAULTS if settings[key] != DEFAULTS[key]} == {"same_phone", "exposure", "velocity_agent"}


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        ("[same_fone]", ("same_fone",), "没有这条规则"),
        ("same_phone = 1", ("same_phone",), "须为一张表"),
        ("[same_phone]\nday = 3", ("same_phone", "day"), "不认识这一项"),
        ("[same_phone]\ndays = 0", ("same_phone", "days"), "须在 1 至"),
        ("[same_phone]\ndays = 1.5", ("same_phone", "days"), "须为整数"),
        ("[same_phone]\ndays = true", ("same_phone", "days"), "须为整数"),
        ('[same_phone]\ndays = "30"', ("same_phone", "days"), "须为整数"),
        ("[same_phone]\non = 1", ("same_phone", "on"), "须为 true 或 false"),
        ('[same_phone]\noutcome = "stop"', ("same_phone", "outcome"), "allow、warn、refer、refuse"),
        ('[same_phone]\nblocks = "creation"', ("same_phone", "blocks"), "disclosure"),
        ("[exposure]\nlimit = 5", ("exposure", "limit"), "引号"),
        ('[exposure]\nlimit = "many"', ("exposure", "limit"), "不是一个数"),
        ('[exposure]\nlimit = "0"', ("exposure", "limit"), "须在"),
        ('[exposure]\nlimit = "NaN"', ("exposure", "limit"), "须在"),
        ('[exposure]\nlimit = "1.005"', ("exposure", "limit"), "精确到分"),
        ("[minor]\non = false", ("minor", "on"), "“未成年人”不能关闭"),
        ('[minor]\noutcome = "refer"', ("minor", "outcome"), "至少须为 refuse"),
        ('[electronic_channel]\noutcome = "warn"', ("electronic_channel", "outcome"), "至少须为 refer（转主管）"),
        ("[age_at_maturity]\nage = 17", ("age_at_maturity", "age"), "须在 18 至"),
    ],
)
def test_each_fault_is_told_where_it_is(written: str, where: tuple[str, ...], said: str) -> None:
    settings, faults = settings_of(tomllib.loads(written))
    assert [place for place, _ in faults] == [where]
    assert said in faults[0][1]
    assert settings == DEFAULTS, "nothing of a rule with a fault counts"


def test_all_faults_are_told_at_once_and_sound_rules_are_read() -> None:
    written = "[minor]\non = false\n[same_phone]\ndays = 0\ncases = 0\n[velocity_agent]\nhours = 2"
    settings, faults = settings_of(tomllib.loads(written))
    assert len(faults) == 3
    assert settings["velocity_agent"].numbers["hours"] == 2
