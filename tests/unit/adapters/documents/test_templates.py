"""The legal department's files: every one is sound, and a slip of the pen is named."""

import tomllib

import pytest

from signing.adapters.documents import catalogue, templates
from signing.adapters.documents.values import contract_values
from signing.domain.errors import InputError
from tests.paper import BORROWER, INSTITUTION, OPENED, case

VALUES = contract_values(case(), INSTITUTION, (BORROWER,), OPENED, "JK").values


def test_every_template_rests_on_law_and_closes_what_it_makes_bold() -> None:
    assert len(templates.kinds()) >= 8
    for kind in templates.kinds():
        template = templates.load(kind)
        assert template.basis, f"{kind} does not say which law it rests on"
        for text in template.texts():
            assert text.count("**") % 2 == 0, f"{kind}: {text[:30]}"


def test_the_village_product() -> None:
    product = catalogue.product("village_credit_line")
    assert product.title == "信用村授信贷款"
    assert product.loan is not None
    assert product.loan.roster_line_required
    assert product.loan.electronic_only_up_to == 200_000
    assert {line.expected for line in product.script} >= {"yes", "no"}


@pytest.mark.parametrize("product_id", ["", "../secrets", "nothing"])
def test_unknown_product(product_id: str) -> None:
    with pytest.raises(InputError):
        catalogue.product(product_id)


@pytest.mark.parametrize("kind", ["nothing", "../products", "products", "personal_loan_contract/.."])
def test_unknown_template(kind: str) -> None:
    with pytest.raises(InputError):
        templates.load(kind)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("titel = 1\n", ""), "titel"),
        (("", '[[parts]]\ntype = "story"\n'), "story"),
        (("", '[[parts]]\ntype = "text"\n'), "signatures"),
        (("", '[[parts]]\ntype = "text"\ntexte = "x"\n'), "texte"),
        (("", '[[parts]]\ntype = "text"\ntext = "见{article_nothing}"\n'), "nothing"),
        (("", '[[parts]]\ntype = "text"\nlabel = "here"\n'), "label"),
        (("", '[[parts]]\ntype = "article"\nclauses = [{ txt = "x" }]\n'), "txt"),
        (("", '[[parts]]\ntype = "text"\nwhen = { weather = "fine" }\n'), "weather"),
    ],
)
def test_a_slip_of_the_pen_is_named(change: tuple[str, str], named: str) -> None:
    path = templates.root() / "personal_loan_contract" / "template.toml"
    text = change[0] + path.read_text(encoding="utf-8") + change[1]
    with pytest.raises(ValueError, match=named):
        templates._template(tomllib.loads(text), "personal_loan_contract")


def test_a_placeholder_without_value_is_refused() -> None:
    with pytest.raises(InputError, match="nobody"):
        templates.fill("{nobody}", VALUES)
