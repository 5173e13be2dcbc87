"""What is typed, what of it goes into the message, what is missing; people and lots that come and go."""

import pytest

from desktop.opening import form as model
from desktop.opening.form import Typed
from tests.unit.desktop.opening.forms import FORM, NUMBER


def typed(**values: str) -> Typed:
    """Two underscores for a dot."""
    made = model.begun(FORM)
    for name, text in values.items():
        made = model.put(made, name.replace("__", "."), text)
    return made


def missing(now: Typed) -> list[str]:
    return [one.path for one in model.missing(FORM, now)]


def test_a_new_form_has_whom_and_what_it_must_have() -> None:
    begun = model.begun(FORM)
    assert (begun.count("parties"), begun.count("collateral")) == (1, 1)
    assert begun.value("parties.0.role") == "borrower"
    assert begun.value("collateral.0.kind") == "pledge", "of one answer only"
    assert begun.is_empty
    assert not model.put(begun, "amount", "1").is_empty


def test_the_message_holds_what_is_typed_and_no_empty_parts() -> None:
    now = typed(
        amount="180,000.00", term_months=" 12 ", parties__0__name=" 王秀兰 ",
        parties__0__id_number="11010519491231002x", collateral__0__name="红木", particulars__first_time="yes",
    )  # fmt: skip
    assert model.body(FORM, now) == {
        "product_id": "some_loan",
        "amount": "180000.00",
        "term_months": 12,
        "particulars": {"first_time": True},
        "parties": [{"role": "borrower", "name": "王秀兰", "id_number": NUMBER}],
        "collateral": [{"kind": "pledge", "name": "红木"}],
    }


def test_a_part_of_a_part_stands_where_the_message_has_it() -> None:
    now = typed(collateral__0__insurance__insurer="示范财险", collateral__0__insurance__valid_until="20271231")
    assert model.body(FORM, now)["collateral"] == [
        {"kind": "pledge", "insurance": {"insurer": "示范财险", "valid_until": "2027-12-31"}}
    ]


def test_what_is_not_asked_is_not_sent_though_it_stays_typed() -> None:
    now = typed(particulars__business__name="某合作社", particulars__borrower_kind="cooperative")
    assert model.body(FORM, now)["particulars"]["business"] == {"name": "某合作社"}
    other = model.put(now, "particulars.borrower_kind", "person")
    assert "business" not in model.body(FORM, other)["particulars"]
    assert other.value("particulars.business.name") == "某合作社"


def test_what_must_be_there_is_missing_until_it_is() -> None:
    now = typed()
    assert missing(now) == [
        "amount", "term_months", "parties.0.name", "parties.0.id_number", "parties.0.phone", "collateral.0.name",
    ]  # fmt: skip
    assert missing(model.put(now, "amount", "1")) == missing(now)[1:]


def test_a_part_that_may_be_left_out_is_whole_or_not_there() -> None:
    now = typed(parties__0__helper__name="王小明")
    assert "parties.0.helper.relation" in missing(now)
    assert "parties.0.helper.phone" not in missing(now)
    assert "particulars.renewal.contract_no" not in missing(now)
    assert "particulars.renewal.contract_no" in missing(typed(particulars__renewal__without_repayment="yes"))
    assert "particulars.business.name" in missing(typed(particulars__borrower_kind="cooperative"))


def test_people_come_as_long_as_the_product_admits_them() -> None:
    now = model.begun(FORM)
    assert model.addable(FORM, now) == [("guarantor", "保证人")]
    for _ in range(2):
        now = model.added(FORM, now, "parties", role="guarantor")
    assert model.addable(FORM, now) == []
    assert [now.value(f"parties.{number}.role") for number in range(3)] == ["borrower", "guarantor", "guarantor"]


def test_whoever_is_taken_out_leaves_no_gap_and_nothing_behind() -> None:
    now = model.begun(FORM)
    for name in ("甲", "乙"):
        now = model.added(FORM, now, "parties", role="guarantor")
        now = model.put(now, f"parties.{now.count('parties') - 1}.name", name)
    now = model.removed(model.put(now, "amount", "7"), "parties", 1)
    assert now.count("parties") == 2
    assert now.value("parties.1.name") == "乙"
    assert now.value("parties.2.name") == ""
    assert now.value("amount") == "7"
    assert model.label(model.put(now, "parties.0.name", "王秀兰")) == "王秀兰、乙"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("amount", "金额"),
        ("parties.0.phone", "第 1 位当事人的手机号"),
        ("collateral.0.name", "第 1 项担保财产的财产名称"),
        ("collateral", "担保财产"),
        ("parties", "当事人"),
        ("", ""),
    ],
)
def test_places_have_names_for_people(path: str, words: str) -> None:
    assert model.title_of(FORM, model.begun(FORM), path) == words


def test_shares_are_asked_of_guarantors_only() -> None:
    now = model.added(FORM, model.begun(FORM), "parties", role="guarantor")
    asked = [one.path for one in model.fields(FORM, now)]
    assert "parties.1.share_percent" in asked
    assert "parties.0.share_percent" not in asked


def test_what_is_plainly_wrong_is_seen_without_asking() -> None:
    assert set(model.wrong(FORM, typed(amount="x", parties__0__phone="1", term_months="12"))) == {
        "amount", "parties.0.phone",
    }  # fmt: skip
