"""The catalogue is checked as a whole: everything that is wrong is told at once, with file, line, key and rule."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from signing.adapters.documents import catalogue, templates
from signing.cli import main
from signing.commandline.case import read_case

FOLDER = Path(str(templates.root())) / "products"
PRODUCTS = sorted(path.stem for path in FOLDER.glob("*.toml"))
REVITALISATION = (FOLDER / "rural_revitalisation_loan.toml").read_text(encoding="utf-8")

BAD = [
    ('amount_max = "10000000.00"', 'amount_max = "9999.99"', "第 21 行 loan.amount_min：金额上下限不成立"),
    ('points_max = "0"', "", "第 32 行 loan.pricing[1]：points_min 和 points_max 至少写一项"),
    ('points_max = "0"', 'points_max = "0"\npoints_min = "1"', "loan.pricing[1].points_min：大于 points_max"),
    ('lenders = ["rural_cooperative", "other"]\n', "", "loan.pricing：同一类贷款人有两种定价"),
    ('["rural_cooperative", "other"]\none', '["large_bank", "other"]\none', "loan.pricing：同一类贷款人有两种定价"),
    ('"large_bank"]\none_year', '"big_bank"]\none_year', "loan.pricing[1].lenders[2]：不在可选范围内"),
    ('retention = "loan"', 'retention = "insurance"', "第 13 行 retention：与产品的种类不符，应为 loan"),
    ('modes = ["bank_government"', 'modes = ["bank_gov"', "第 17 行 modes[1]：不在可选范围内"),
    ('borrower_kinds = ["farmer"', 'borrower_kinds = ["fisher"', "第 15 行 borrower_kinds[1]：不在可选范围内"),
    ('role = "co_borrower"', 'role = "guarantor"', "guarantee：有保证人的须写明保证方式"),
    ('roles = ["borrower"]', 'roles = ["custodian"]', "本产品没有“第三方监管人”这一角色"),
    ('kind = "joint_repayment_undertaking"', 'kind = "joint_undertaking"', "documents[4].kind：没有名为"),
    ("one_year = true", 'one_year = "ja"', "须为 true 或 false"),
    ("list_kind", "liste_kind", "第 26 行 loan.liste_kind：不认识这一项"),
    ("[loan]", "[loan]\nrevolving_months_max = 0", "loan.revolving_months_max：须至少为 1"),
    ("[[loan.pricing]]", "[loan.interest]\nday_count = 366\n\n[[loan.pricing]]", "loan.interest.day_count"),
    ("# 当事人", '[[collateral]]\nkind = "pledge"\nsubjects = ["livestock"]\n\n# 当事人', "活体畜禽不能质押"),
    ("# 当事人", '[[collateral]]\nkind = "pledge"\nratio_max = "101"\n\n# 当事人', "collateral[1].ratio_max：须大于 0"),
    ("# 当事人", '[[collateral]]\nkind = "pledge"\nmodes = ["unsecured"]\n\n# 当事人', "本产品没有 unsecured 模式"),
    ("# 当事人", "[mandate]\ndays_max = 3\n\n# 当事人", "须有且仅有一项"),
]
"""(what stands there, a slip of the pen, what must be said)."""


@pytest.mark.parametrize(("old", "new", "said"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_a_slip_of_the_pen_is_told_by_line_key_and_rule(old: str, new: str, said: str) -> None:
    assert old in REVITALISATION
    _, wrong = catalogue.judged("rural_revitalisation_loan.toml", REVITALISATION.replace(old, new, 1))
    assert any(said in fault for fault in wrong), wrong


def test_all_that_is_wrong_with_a_file_is_told_at_once() -> None:
    text = REVITALISATION.replace('points_max = "0"', "").replace('retention = "loan"', 'retention = "insurance"')
    _, wrong = catalogue.judged("other.toml", text.replace('kind = "personal_loan_contract"', 'kind = "nothing"'))
    for said in ("须与文件名 other.toml 一致", "retention", "loan.pricing[1]", "nothing"):
        assert any(said in fault for fault in wrong), said


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of templates of its own."""
    (tmp_path / "products").mkdir()
    for path in Path(str(templates.root())).iterdir():
        if path.name != "products":
            (tmp_path / path.name).symlink_to(path)
    monkeypatch.setattr(templates, "root", lambda: tmp_path)
    catalogue.editions.cache_clear()
    yield tmp_path / "products"
    catalogue.editions.cache_clear()


def test_every_wrong_file_is_told_in_one_run(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    village = (FOLDER / "village_credit_line.toml").read_text(encoding="utf-8")
    (shelf / "village_credit_line.toml").write_text(village, encoding="utf-8")
    (shelf / "first.toml").write_text(village, encoding="utf-8")
    (shelf / "second.toml").write_text("[loan", encoding="utf-8")
    (shelf / "third.toml").write_text('id = "third"\n', encoding="utf-8")
    assert main(["products", "--check"]) == 1
    said = capsys.readouterr().out.splitlines()
    for name, fault in (("first", "须与文件名"), ("second", "不是正确的 TOML"), ("third", "title：没有写")):
        assert any(line.startswith(f"✗ 产品文件 {name}.toml ") and fault in line for line in said), name
    assert not any("village" in line for line in said)


def test_what_ships_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["products", "--check"]) == 0
    assert f"{len(PRODUCTS)} 个产品" in capsys.readouterr().out


@pytest.mark.parametrize("product_id", PRODUCTS)
def test_an_example_of_each_can_be_opened_from_a_file(
    product_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["products", product_id, "--example"]) == 0
    (tmp_path / "case.json").write_text(capsys.readouterr().out, encoding="utf-8")
    new = read_case(tmp_path / "case.json")
    assert new.product_id == product_id
    assert len({party.id_number for party in new.parties}) == len({party.phone for party in new.parties})
    product = catalogue.product(product_id)
    for rule in product.roles:
        assert rule.min_count <= sum(party.role.value == rule.role for party in new.parties) <= rule.max_count


def test_an_example_has_as_many_parties_as_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["products", "bridging_loan", "--example", "--parties", "6"]) == 0
    roles = [party["role"] for party in json.loads(capsys.readouterr().out)["parties"]]
    assert roles == ["borrower", "co_borrower", *["guarantor"] * 4]
    assert main(["products", "village_credit_line", "--example", "--parties", "7"]) != 0
    assert "不能有 7 位当事人" in capsys.readouterr().err


def _example(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["products", "sci_tech_commissioner_loan", "--example", *words]) == 0
    made: dict[str, Any] = json.loads(capsys.readouterr().out)
    return made


@pytest.mark.parametrize(
    ("named", "things", "roles"),
    [
        ((), [], ["borrower"]),
        (("guarantee",), [], ["borrower", "guarantor"]),
        (("mortgage",), ["real_estate"], ["borrower"]),
        (("tea_garden", "carbon_sink"), ["tea_garden", "carbon_sink"], ["borrower"]),
        (
            ("pledge", "carbon_ticket", "guarantee", "livestock"),
            ["livestock", "movables", "carbon_ticket"],
            ["borrower", "guarantor"],
        ),
    ],
)
def test_an_example_has_the_securities_that_are_asked_for(
    named: tuple[str, ...], things: list[str], roles: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Mixed as one likes."""
    made = _example(capsys, *(("--security", *named) if named else ()))
    assert [item["subject"] for item in made.get("collateral", [])] == things
    assert [party["role"] for party in made["parties"]] == roles


def test_an_example_of_mixed_securities_may_have_their_owners(capsys: pytest.CaptureFixture[str]) -> None:
    made = _example(capsys, "--security", "guarantee", "mortgage", "carbon_sink", "--parties", "7")
    roles = [party["role"] for party in made["parties"]]
    assert roles == ["borrower", "co_borrower", *["guarantor"] * 3, "pledgor", "mortgagor"]


def test_a_security_that_the_product_has_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["products", "bridging_loan", "--example", "--security", "mortgage"]) != 0
    said = capsys.readouterr()
    assert "应急还贷没有 mortgage 这种担保" in said.err + said.out
    assert "guarantee（保证）" in said.err + said.out
