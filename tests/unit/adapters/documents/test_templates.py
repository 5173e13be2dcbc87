"""The legal department's files: every one is sound, and a slip of the pen is named."""

from datetime import date

import pytest

from signing.adapters.documents import catalogue, templates
from signing.adapters.documents.fields import FieldType
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


PLAIN = """
id = "plain"
title = "说明"
version = "1"
effective = 2026-01-01
code = "SM"
basis = ["《中华人民共和国民法典》第四百六十九条"]

[data]
name = "text"
amount = "money"

[[parts]]
type = "article"
label = "first"
title = "甲"
clauses = ["{name}借款{amount}元（{amount_in_words}）", { text = "乙", label = "second" }]

[[parts]]
type = "text"
text = "见{article_first}、{clause_second}。"

[[parts]]
type = "signatures"
signers = ["borrower"]
"""


def test_a_template_is_what_its_file_says() -> None:
    template = templates.read("plain", PLAIN)
    assert template.effective == date(2026, 1, 1)
    assert template.data["amount"].type is FieldType.MONEY
    assert [clause.label for clause in template.parts[0].clauses] == ["", "second"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "说明"', 'titel = "说明"', "titel：不认识这一项"),
        ('title = "说明"\n', "", "title：没有写"),
        ("effective = 2026-01-01", 'effective = "soon"', "第 5 行 effective：须为日期"),
        ('code = "SM"', 'code = "sm"', "第 6 行 code："),
        ('basis = ["《中华人民共和国民法典》第四百六十九条"]', "basis = []", "第 7 行 basis：至少要有一项"),
        ('id = "plain"', 'id = "other"', "第 2 行：id 应为 plain"),
        ('type = "text"\ntext', 'type = "story"\ntext', "第 20 行 parts[2].type：不在可选范围内"),
        ('type = "text"\ntext', 'type = "text"\ntexte', "第 21 行 parts[2].texte：不认识这一项"),
        ('{ text = "乙"', '{ txt = "乙"', "parts[1].clauses[2].txt：不认识这一项"),
        ('label = "second"', 'when = { weather = "fine" }', "clauses[2].when.weather：不认识这一项"),
        ('[[parts]]\ntype = "signatures"\nsigners = ["borrower"]\n', "", "全文：须以且仅以一个 signatures 结束"),
        ("{article_first}", "{article_frist}", "第 21 行：引用了没有的条文 {article_frist}"),
        ("{clause_second}", "{clause_third}", "第 21 行：引用了没有的条文 {clause_third}"),
        ('label = "second"', 'label = "first"', "第 15 行：label first 写了 2 次"),
        ('type = "text"\ntext', 'type = "text"\nlabel = "here"\ntext', "第 21 行：只有 article 可以有 label（here）"),
        (
            'type = "text"\ntext',
            'type = "table"\nrows = [["丙", "丁", "戊"]]\ntext',
            "第 21 行：表格一行须为 2 格或 4 格",
        ),
        ('name = "text"', 'nmae = "text"', "第 10 行：[data] 中的 nmae 不是系统能够提供的数据"),
        ('name = "text"\n', "", "第 16 行：占位符 {name} 没有在 [data] 中写明"),
        ('amount = "money"', 'amount = "text"', "第 11 行：[data] 中的 amount 是金额，类型应为 money"),
        ('amount = "money"', 'amount = "sum"', "data.amount.type：不在可选范围内"),
        ("{name}借款", "**{name}借款", "第 17 行：加粗标记 ** 没有成对"),
        ("[data]", "[data", "不是正确的 TOML"),
    ],
)
def test_a_slip_of_the_pen_is_named_with_file_and_line(old: str, new: str, said: str) -> None:
    assert old in PLAIN
    with pytest.raises(InputError) as refused:
        templates.read("plain", PLAIN.replace(old, new, 1))
    assert said in refused.value.message
    assert refused.value.message.startswith("pdf_templates/plain/template.toml ")


def test_a_placeholder_without_value_is_refused() -> None:
    with pytest.raises(InputError, match="nobody"):
        templates.fill("{nobody}", VALUES)
