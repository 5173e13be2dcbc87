"""Every line of every product's script as a synthesiser is given it: no figure is misread, none is lost."""

import re
from collections.abc import Iterator

import pytest

from signing.adapters.documents import catalogue
from signing.adapters.documents.checking import INSTITUTION, specimen_case
from signing.adapters.documents.generate import PaperDocuments
from signing.domain.spoken import DIGITS, spoken

FIGURE = re.compile(r"\d[\d,.]*\d|\d")
COUNTED = re.compile(r"[十百千万亿]")
OF_A_UNIT = re.compile(r"[\d,]+(?:\.\d+)?\s*[元万吨亩头根股]")
LOOKED_UP = re.compile(r"\d{4}(?: \d{2,4}){2,}|0\d+-\d+|[A-Z]+-?\d[\d-]*|\d{5,}")
"""What is nobody's amount: a contract's number, an account, a telephone number."""
AMOUNT = re.compile(r"([\d,]+)(?:\.\d+)?元")


def lines(product_id: str) -> Iterator[str]:
    product = catalogue.product(product_id)
    for full in (True, False):
        for mode in product.modes or (None,):
            case = specimen_case(product, full=full, mode=mode)
            yield from (line.text for line in PaperDocuments().script(case, INSTITUTION))


def written(words: str) -> str:
    """What somebody writes down who hears only digits."""
    return "".join(str(DIGITS.index(sign)) for sign in words if sign in DIGITS)


@pytest.mark.parametrize("product_id", sorted(catalogue.products()))
def test_no_figure_of_a_products_script_is_misread(product_id: str) -> None:
    for text in lines(product_id):
        words = spoken(text)
        assert not re.search(r"\d", words), words
        assert not re.search(r"[，、][，。？]", words), words
        for found in LOOKED_UP.finditer(OF_A_UNIT.sub("", text)):
            digits = re.sub(r"\D", "", found[0])
            assert digits in written(words), f"{found[0]} is dialled: {words}"
            assert not COUNTED.search(spoken(found[0])), f"{found[0]}: {words}"
        for found in AMOUNT.finditer(text):
            at = spoken(found[0])
            assert COUNTED.search(at) or int(found[1].replace(",", "")) < 10, f"{found[0]} is counted: {at}"
            assert at in words


@pytest.mark.parametrize("product_id", sorted(catalogue.products()))
def test_no_hyphen_between_figures_is_lost(product_id: str) -> None:
    for text in lines(product_id):
        for found in re.finditer(rf"(?:{FIGURE.pattern})-(?:{FIGURE.pattern})", text):
            assert re.search(r"[至，年减负]", spoken(found[0])), found[0]


def test_the_scripts_hold_what_the_rule_is_about() -> None:
    everything = "\n".join(text for product_id in catalogue.products() for text in lines(product_id))
    for kind in (r"\d{4} \d{4} \d{4}", r"[A-Z]{2}\d{6}", r"\d{4}-\d{7}", r"\d{1,3},\d{3}\.\d\d元", r"\d万元"):
        assert re.search(kind, everything), kind
