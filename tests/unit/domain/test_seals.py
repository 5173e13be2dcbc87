"""Which seal may go on which paper, and what a refusal says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.adapters.documents.flowables import Anchor
from signing.adapters.documents.form import SEAL_DIAMETER, SLICES_MAX, straddle_anchor, straddle_place
from signing.domain.errors import InputError, RuleBroken
from signing.domain.seals import (
    RegisteredSeal,
    SealDelay,
    SealKind,
    Wanted,
    check,
    choose,
    made_number,
    usual_seal,
    usual_seal_id,
    why_not,
)

NOW = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
CONTRACT = usual_seal("inst_demo", "龙岩示范农村信用合作联社", "91350800MA00000000", NOW, "运营管理部")
OFFICIAL = replace(CONTRACT, seal_id="seal_o", kind=SealKind.OFFICIAL, number="3508000000009")
SQUARE = replace(CONTRACT, seal_id="seal_r", kind=SealKind.REPRESENTATIVE, text="林建华", number="")
WANTED = Wanted("personal_loan_contract", Decimal(180_000), False, NOW)


def chosen(*seals: RegisteredSeal, wanted: Wanted = WANTED) -> list[str]:
    return [seal.seal_id for seal in choose(seals, wanted).all]


def test_the_contract_seal_goes_before_the_official_one_and_the_square_one_beside_it() -> None:
    assert chosen(OFFICIAL, CONTRACT) == [CONTRACT.seal_id]
    assert chosen(OFFICIAL) == ["seal_o"]
    assert chosen(SQUARE, OFFICIAL, CONTRACT) == [CONTRACT.seal_id, "seal_r"]


def test_a_seal_for_this_kind_of_paper_goes_before_one_for_all() -> None:
    special = replace(CONTRACT, seal_id="seal_s", documents=("personal_loan_contract",))
    assert chosen(CONTRACT, special) == ["seal_s"]
    assert chosen(CONTRACT, replace(special, documents=("other",))) == [CONTRACT.seal_id]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"documents": ("other",)}, "不用于这类文书"),
        ({"valid_from": NOW + timedelta(days=1)}, "2026-11-25起才启用"),
        ({"valid_until": NOW}, "有效期已于2026-11-24届满"),
        ({"retired_at": NOW, "retired_reason": "遗失"}, "已停用（遗失）"),
        ({"second_above": Decimal(179_999)}, "须由未经办的主管复核"),
    ],
)
def test_a_refused_use_says_why(change: dict[str, object], said: str) -> None:
    seal = replace(CONTRACT, **change)  # type: ignore[arg-type]
    assert said in why_not(seal, WANTED)
    with pytest.raises(RuleBroken) as refused:
        choose([seal], WANTED)
    if seal.in_use:
        assert said in refused.value.message
        assert refused.value.rule == ("seal.second" if "second_above" in change else "seal.registry")
    else:
        assert "没有登记" in refused.value.message


def test_second_eyes_open_what_the_amount_closed_and_nothing_else() -> None:
    seal = replace(CONTRACT, second_above=Decimal(100_000))
    assert chosen(seal, wanted=replace(WANTED, approved=True)) == [seal.seal_id]
    assert chosen(seal, wanted=replace(WANTED, amount=Decimal(100_000))) == [seal.seal_id], "up to it, alone"
    assert chosen(seal, wanted=replace(WANTED, amount=None)) == [seal.seal_id]
    late = replace(seal, valid_until=NOW)
    with pytest.raises(RuleBroken, match="届满"):
        choose([late], replace(WANTED, approved=True))


def test_no_other_seal_goes_round_second_eyes() -> None:
    guarded = replace(CONTRACT, second_above=Decimal(100_000))
    with pytest.raises(RuleBroken) as refused:
        choose([guarded, OFFICIAL], WANTED)
    assert refused.value.rule == "seal.second"
    assert chosen(guarded, OFFICIAL, wanted=replace(WANTED, approved=True)) == [CONTRACT.seal_id]
    assert chosen(replace(guarded, valid_until=NOW), OFFICIAL) == ["seal_o"], (
        "it could not be used with an approval either"
    )


def test_a_representatives_seal_that_may_not_be_used_is_not_left_out_silently() -> None:
    with pytest.raises(RuleBroken, match="法定代表人名章"):
        choose([CONTRACT, replace(SQUARE, valid_until=NOW)], WANTED)
    assert chosen(CONTRACT, replace(SQUARE, documents=("other",))) == [CONTRACT.seal_id]
    assert chosen(CONTRACT, replace(SQUARE, retired_at=NOW)) == [CONTRACT.seal_id]


def test_no_seal_at_all_is_refused_with_the_remedy() -> None:
    with pytest.raises(RuleBroken) as refused:
        choose([SQUARE], WANTED)
    assert "pingqian seals add" in refused.value.hint


@pytest.mark.parametrize(
    "change",
    [
        {"text": ""},
        {"text": "信" * 51},
        {"text": " 信 "},
        {"number": "12"},
        {"number": "３" * 13 + "x"},
        {"custodian": ""},
        {"valid_until": CONTRACT.valid_from},
        {"second_above": Decimal(-1)},
    ],
)
def test_what_no_seal_can_be_is_not_registered(change: dict[str, object]) -> None:
    with pytest.raises(InputError):
        check(replace(CONTRACT, **change))  # type: ignore[arg-type]
    check(CONTRACT)
    check(SQUARE)


def test_numbers_are_made_of_the_region_and_differ_by_kind() -> None:
    numbers = {made_number("inst_demo", "91350800MA00000000", kind) for kind in SealKind}
    assert len(numbers) == 3
    assert all(number.startswith("350800") and len(number) == 13 for number in numbers)
    assert usual_seal_id("inst_demo") == CONTRACT.seal_id


@given(st.integers(2, 400))
def test_every_page_has_its_slice_and_no_seal_is_cut_too_fine(pages: int) -> None:
    places = [straddle_place(page, pages) for page in range(1, pages + 1)]
    start = 0
    while start < pages:
        count = places[start][1]
        assert places[start : start + count] == [(index, count) for index in range(count)]
        assert 2 <= count <= SLICES_MAX
        assert pages < 10 or count >= 5
        start += count
    assert start == pages


@pytest.mark.parametrize("middle", [320.0, 421.0, 520.0])
def test_the_seal_over_the_edges_keeps_off_the_other_seals_and_has_one_height(middle: float) -> None:
    square = Anchor("seal_representative", 2, (487.0, middle - 25, 538.0, middle + 25))
    places = [straddle_anchor(page, 2, 595.28, 841.89, [square]) for page in (1, 2)]
    assert places[0] is not None
    assert places[1] is not None
    (_, bottom, right, top), (_, other, _, _) = places[0].rect, places[1].rect
    assert bottom == other
    assert (right, round(top - bottom, 1)) == (595.28, round(SEAL_DIAMETER, 1))
    assert top < middle - 25 or bottom > middle + 25
    alone = straddle_anchor(1, 2, 595.28, 841.89)
    assert alone is not None
    assert (alone.rect[1] + alone.rect[3]) / 2 == pytest.approx(421, abs=1)


def test_whoever_waits_is_tried_again_more_and_more_rarely() -> None:
    delay, waits = SealDelay("case_1", NOW, 0, NOW, ""), []
    for _ in range(12):
        delay = delay.again(NOW, "没有应答")
        waits.append(delay.next_at - NOW)
    assert waits[0] == timedelta(minutes=1)
    assert waits == sorted(waits)
    assert max(waits) == timedelta(hours=1)
    assert (delay.tries, delay.since) == (12, NOW)
