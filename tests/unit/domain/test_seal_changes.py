"""What a supervisor may change of a registered seal, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from signing.domain.errors import ConflictError, InputError, RuleBroken
from signing.domain.seal_changes import amended, difference, resumed, suspended
from signing.domain.seals import SealKind, Wanted, choose, usual_seal, why_not

NOW = datetime(2026, 11, 27, 2, 10, tzinfo=UTC)
SEAL = usual_seal("inst_demo", "龙岩示范农村信用合作联社", "91350800MA00000000", NOW, "运营管理部")
ASIDE = suspended(SEAL, NOW, "陈主管", "印章送检")
RETIRED = replace(SEAL, retired_at=NOW, retired_reason="遗失")
WANTED = Wanted("personal_loan_contract", Decimal(180_000), False, NOW)


def test_a_suspended_seal_goes_on_nothing_and_says_who_put_it_aside() -> None:
    assert ASIDE.state_title(NOW) == "已暂停"
    assert why_not(ASIDE, WANTED) == "已暂停使用（印章送检）"
    with pytest.raises(RuleBroken, match="已暂停使用（印章送检）"):
        choose([ASIDE], WANTED)
    with pytest.raises(ConflictError, match="已由陈主管暂停使用"):
        suspended(ASIDE, NOW, "李主管", "再暂停一次")


def test_another_seal_of_the_house_takes_its_place_as_for_one_that_has_run_out() -> None:
    official = replace(SEAL, seal_id="seal_o", kind=SealKind.OFFICIAL)
    assert choose([ASIDE, official], WANTED).round is official


def test_a_square_seal_put_aside_holds_the_papers_back() -> None:
    square = replace(SEAL, seal_id="seal_r", kind=SealKind.REPRESENTATIVE, text="林建华", number="")
    with pytest.raises(RuleBroken, match="法定代表人名章"):
        choose([SEAL, suspended(square, NOW, "陈主管", "换人")], WANTED)


def test_resumed_it_is_as_it_was() -> None:
    assert resumed(ASIDE) == SEAL
    with pytest.raises(ConflictError, match="没有暂停使用"):
        resumed(SEAL)


def test_what_is_retired_stays_as_it_is() -> None:
    assert replace(RETIRED, suspended_at=NOW).state_title(NOW) == "已停用"
    with pytest.raises(ConflictError, match="不能恢复也不能更改"):
        suspended(RETIRED, NOW, "陈主管", "试试")
    with pytest.raises(ConflictError, match="不能恢复也不能更改"):
        resumed(RETIRED)
    with pytest.raises(ConflictError, match="不能恢复也不能更改"):
        amended(RETIRED, NOW, custodian="档案室")


def test_custody_and_end_are_changed_one_by_one_or_together() -> None:
    later = SEAL.valid_until + timedelta(days=365)
    assert amended(SEAL, NOW, custodian=" 档案室 ") == replace(SEAL, custodian="档案室")
    assert amended(SEAL, NOW, valid_until=later) == replace(SEAL, valid_until=later)
    both = amended(ASIDE, NOW, "档案室", later)
    assert both == replace(ASIDE, custodian="档案室", valid_until=later), "it stays put aside"
    words = difference(ASIDE, both)
    assert words.startswith("custodian=运营管理部->档案室 valid_until=")
    assert words.endswith(later.isoformat())
    assert difference(SEAL, ASIDE) == ""


@pytest.mark.parametrize(
    ("custodian", "until", "said"),
    [
        (None, None, "没有改动"),
        ("运营管理部", SEAL.valid_until, "没有改动"),
        ("  ", None, "由谁保管"),
        ("长" * 51, None, "由谁保管"),
        (None, SEAL.valid_from, "晚于启用日"),
        (None, NOW, "已经过去"),
        (None, NOW + timedelta(days=3654), "不能晚于2036-11-27"),
        (None, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "不能晚于2036-11-27"),
        (None, datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-5))), "不能晚于2036-11-27"),
    ],
)
def test_what_no_seal_may_have_is_refused(custodian: str | None, until: datetime | None, said: str) -> None:
    with pytest.raises(InputError, match=said):
        amended(SEAL, NOW, custodian, until)


def test_ten_years_ahead_is_the_furthest_and_what_already_ends_later_may_get_another_custodian() -> None:
    assert amended(SEAL, NOW, valid_until=NOW + timedelta(days=3653)).valid_until.year == 2036
    far = replace(SEAL, valid_until=datetime(2050, 1, 1, tzinfo=UTC))
    assert amended(far, NOW, custodian="档案室").valid_until == far.valid_until


def test_one_that_has_run_out_may_get_another_custodian() -> None:
    over = replace(SEAL, valid_until=NOW - timedelta(hours=1))
    assert amended(over, NOW, custodian="档案室").custodian == "档案室"
