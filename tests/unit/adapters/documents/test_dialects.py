"""What may be said in a dialect beside a line: its numbers are the contract's, and it fits a line that is read."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from signing.adapters.documents import catalogue, checking, dialectlist, dialects, templates
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


UNTOLD: tuple[str, ...] = ()
"""Lines that can have no reference, with whoever decided so beside them."""


def test_every_line_of_every_script_has_one() -> None:
    read = [line.text for editions in catalogue.editions().values() for one in editions for line in one.script]
    assert dialects.without(read) == list(UNTOLD)
    assert dialects.without([*read, "新的一句", "新的一句"]) == [*UNTOLD, "新的一句"]


def test_who_has_read_a_text_is_kept_with_it() -> None:
    assert dialects.reviews() == {}, "nobody whose mother tongue it is has read the shipped ones"
    assert dialects.read(file("一年{rate}%") + 'reviewed = "林阿妹 2026-12-01"\n').keys() == {LINE}


@pytest.fixture
def own_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An institution's file in place of the shipped one."""
    (tmp_path / "reference").mkdir()
    monkeypatch.setattr(templates, "root", lambda: tmp_path)
    dialects.known.cache_clear()
    yield tmp_path / dialects.FILE
    dialects.known.cache_clear()


def test_an_institution_puts_its_own_in_their_place(own_texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = catalogue.products()
    product = sources["credit_inquiry_only"]
    first = product.script[0].text
    own_texts.write_text(file("{name}，恁好", first) + 'reviewed = "林阿妹 2026-12-01"\n', encoding="utf-8")
    assert [one.text for one in dialects.of(first)] == ["{name}，恁好"]
    assert dialectlist.listing() == 0
    told = capsys.readouterr().out
    assert "闽南话：{name}，恁好\n    ✓ 已审读：林阿妹 2026-12-01" in told
    assert f"{product.script[1].text}\n    产品：{product.title}\n    ✗ 没有方言参考" in told
    assert "1 句有" in told.splitlines()[-1]


def test_the_listing_says_that_nobody_has_read_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert dialectlist.listing() == 0
    told = capsys.readouterr().out
    assert told.count("! 未经会说当地话的人审读") == len(dialects.known())
    assert "✗ 没有方言参考" not in told
