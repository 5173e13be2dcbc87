"""What may be said in a dialect beside a line: its numbers are the contract's, and it fits a line that is read."""

import re

import pytest

from signing.adapters.documents import catalogue, checking, dialects
from signing.adapters.documents.generate import PaperDocuments
from signing.domain.case import Case, ScriptLine
from signing.domain.errors import InputError

LINE = "年利率{rate}%，借{term_months}个月，罚息加收50%。您知道吗？"
PLAIN = re.compile(r"[\d,.]*\d")


def file(said: str, text: str = LINE) -> str:
    return f'[[line]]\ntext = "{text}"\nreferences = {{ "闽南话" = "{said}" }}\n'


def lines(product_id: str) -> tuple[Case, tuple[ScriptLine, ...]]:
    case = checking.specimen_case(catalogue.product(product_id))
    return case, PaperDocuments().script(case, checking.INSTITUTION)


def test_a_text_stands_with_its_line() -> None:
    (known,) = dialects.read(file("一年{rate}%，罚息加50%")).items()
    assert known[0] == LINE
    assert [(one.dialect, one.text) for one in known[1]] == [("闽南话", "一年{rate}%，罚息加50%")]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (file("借{amount}元"), "原句没有的占位符 {amount}"),
        (file("罚息加60%"), "原句没有的数字 60"),
        (file(""), "第 3 行"),
        (file("一年{rate}%") + file("一年{rate}%"), "同一句话写了两次"),
        ('[[line]]\ntext = "x"\nreferences = {}\n', "references"),
        ('[[line]]\ntext = "x"\nreference = "y"\n', "reference"),
        ("[[line", "不是正确的 TOML"),
    ],
)
def test_what_would_say_something_else_than_the_line_is_refused(text: str, fault: str) -> None:
    with pytest.raises(InputError, match=re.escape(fault)):
        dialects.read(text)


def test_the_shipped_texts_belong_to_lines_that_are_read() -> None:
    assert len(dialects.known()) >= 20
    read = [line.text for product in catalogue.products().values() for line in product.script]
    assert dialects.unmatched(read) == []
    some = next(iter(dialects.known()))
    assert dialects.unmatched(set(read) - {some}) == [f"{dialects.FILE}：产品的话术里没有这一句：{some}"]


def test_both_dialects_are_there_wherever_one_is() -> None:
    named = {tuple(one.dialect for one in references) for references in dialects.known().values()}
    assert named == {("闽南话", "客家话")}


@pytest.mark.parametrize("product_id", ["multi_guarantor_loan", "white_tea_loan", "forest_right_mortgage_loan"])
def test_every_figure_of_a_reference_is_a_figure_of_its_line(product_id: str) -> None:
    case, read = lines(product_id)
    told = [(line, one) for line in read for one in line.references]
    assert len(told) >= 10
    for line, one in told:
        assert "{" not in one.text
        assert set(PLAIN.findall(one.text)) <= set(PLAIN.findall(line.text)), one.text
    assert any(case.parties[0].name in one.text for _, one in told), "the contract's own borrower is named"


def test_a_line_without_a_reference_has_none() -> None:
    _, read = lines("credit_inquiry_only")
    assert read
    assert not any(line.references for line in read), "no line of this one is in a dialect yet"
