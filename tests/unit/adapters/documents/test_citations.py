"""Law as far as a program can hold a template against it: numbers, what they are about, what is void."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.adapters.documents import citations, proving, templates
from signing.adapters.documents.citations import cited, number_of, shipped
from signing.adapters.documents.wording import numeral_of
from signing.cli import main

GUARANTEE = "guarantee_contract"
TEXT = templates.sources(GUARANTEE)["template.toml"]
CLAUSE = "保证人可以主张债务人对债权人的抗辩；"


def told(old: str, new: str) -> list[str]:
    assert old in TEXT, old
    changed = TEXT.replace(old, new, 1)
    return list(citations.faults(templates.read(GUARANTEE, changed), changed))


def test_what_we_ship_is_sound() -> None:
    for kind in templates.kinds():
        for name, text in templates.sources(kind).items():
            assert list(citations.faults(templates.read(kind, text, name), text)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("《民法典》第七百条", "《民法典》第七百一十条", "第 710 条讲的是"),
        ("《民法典》第六百九十二条", "《民法典》第六百七十七条", "第 677 条讲的是“提前还款、提前归还”，这一段没有提到"),
        ("《民法典》第七百条", "《民法典》第一千二百六十一条", "《民法典》没有第 1261 条（共 1260 条）"),
        ("《民法典》第七百条", "《劳动法》第二十六条", "引用了《劳动法》，basis 中没有写明这部法律"),
        (CLAUSE, CLAUSE + "保证人不得行使追偿权。", "“不得行使追偿权”：担保人的追偿权"),
        (CLAUSE, CLAUSE + "本合同由债权人享有**最终解释权**。", "“最终解释权”"),
        (CLAUSE, CLAUSE + "债权人概不负责。", "“概不负责”"),
        (CLAUSE, CLAUSE + "保证人放弃起诉的权利。", "“放弃起诉的权利”"),
        (CLAUSE, CLAUSE + "利息由债权人预先从本金中扣除。", "利息不得预先在本金中扣除"),
        (CLAUSE, CLAUSE + "到期不还的，抵押物归债权人所有。", "流押、流质"),
        (CLAUSE, CLAUSE + "签署的，视为同意债权人处理其人脸信息。", "须由本人自愿、明确作出"),
    ],
)
def test_wrong_law_is_told_by_line(old: str, new: str, said: str) -> None:
    if "710" in said:
        assert told(old, new) == [], "an article that nobody described is left to the lawyer"
        return
    found = told(old, new)
    assert len(found) == 1
    assert said in found[0]
    changed = TEXT.replace(old, new, 1)
    line = next(number for number, one in enumerate(changed.split("\n"), 1) if new in one)
    assert found[0].startswith(f"第 {line} 行：")


@pytest.mark.parametrize(
    "lawful",
    [
        "债务履行期限届满前约定抵押财产归抵押权人所有的，抵押权人只能依法就抵押财产优先受偿。",
        "借款的利息不得预先在本金中扣除。",
        "债务人放弃抗辩的，保证人仍有权主张；保证人有权追偿。",
    ],
)
def test_what_repeats_the_law_is_left_alone(lawful: str) -> None:
    assert told(CLAUSE, CLAUSE + lawful) == []


def test_the_check_tells_it_with_file_and_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = TEXT.replace("《民法典》第六百九十二条", "《民法典》第六百七十七条")
    (fault,) = proving.template_faults(GUARANTEE, changed)
    assert fault.startswith(f"pdf_templates/{GUARANTEE}/template.toml 第 ")
    real = templates.sources
    monkeypatch.setattr(
        templates, "sources", lambda kind: {"template.toml": changed} if kind == GUARANTEE else real(kind)
    )
    monkeypatch.setattr(templates, "kinds", lambda: (GUARANTEE,))
    assert main(["templates", "check"]) == 1
    assert fault in capsys.readouterr().out


@given(st.integers(1, 99))
def test_numerals_are_read_as_they_are_written(number: int) -> None:
    assert number_of(numeral_of(number)) == number


@pytest.mark.parametrize(
    ("numeral", "number"),
    [
        ("一百零二", 102),
        ("六百七十", 670),
        ("六百八十一", 681),
        ("七百", 700),
        ("一千零六十四", 1064),
        ("一千二百六十", 1260),
    ],
)
def test_larger_numerals_are_read(numeral: str, number: int) -> None:
    assert number_of(numeral) == number


def test_every_article_of_a_citation_counts() -> None:
    text = "依照《民法典》第六百七十二条、第六百七十三条和《保险法》第十六条第四款、第五款，以及《某办法》。"
    assert list(cited(text)) == [("民法典", 672), ("民法典", 673), ("保险法", 16)]


def test_the_table_is_within_its_laws() -> None:
    for law in shipped().laws:
        assert all(1 <= article <= law.last for article in law.articles), law.name
    assert len({law.name for law in shipped().laws}) == len(shipped().laws)
    text = (templates.root() / citations.FILE).read_text(encoding="utf-8")
    assert tomllib.loads(text)["laws"][0]["name"] == "民法典"
