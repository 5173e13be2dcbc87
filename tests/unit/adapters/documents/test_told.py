"""What whoever edits a file is told of a slip: file, line, the rule, and what may stand there instead."""

import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from signing.adapters import reference_file
from signing.adapters.documents import catalogue, citations, templates
from signing.adapters.documents.faults import syntax
from signing.cli import main
from signing.domain.errors import InputError

GUARANTEE = "guarantee_contract/template.toml"
MANY = "products/multi_guarantor_loan.toml"


def _forget() -> None:
    for cached in (templates.editions, catalogue.editions, reference_file.published, citations.shipped):
        cached.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The shipped files, to be spoilt; only one paper and the products that need it, so that a check is quick."""
    shipped = Path(str(templates.root()))
    for name in ("products", "reference"):
        shutil.copytree(shipped / name, tmp_path / name)
    for kind in templates.kinds():
        shutil.copytree(shipped / kind, tmp_path / kind)
    monkeypatch.setattr(templates, "root", lambda: tmp_path)
    monkeypatch.setattr(reference_file, "files", lambda _: tmp_path)
    monkeypatch.setattr(citations, "files", lambda _: tmp_path)
    monkeypatch.setattr(templates, "kinds", lambda: ("guarantee_contract",))
    _forget()
    yield tmp_path
    _forget()


def spoilt(folder: Path, name: str, old: str, new: str) -> int:
    """Its line."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (GUARANTEE, "{guarantors_count}", "{guarantor_count}", "没有在 [data] 中写明，请补写，或者改正名称"),
        (GUARANTEE, 'share = "text"', 'share = "texte"', "可以写：text、money、date、rate、count、number"),
        (
            GUARANTEE,
            'signers = ["guarantor"]\nsigner',
            'signers = ["uncle"]\nsigner',
            "可以写：borrower、co_borrower、",
        ),
        (GUARANTEE, "由您来还。", "由您来还\U0001f600。", "字库中没有这些字：\U0001f600，请换一个字"),
        (GUARANTEE, '[[parts]]\ntype = "signatures"', '[[part]]\ntype = "signatures"', "不认识这一项，请核对拼写"),
        (
            GUARANTEE,
            'title = "保证方式"',
            "title = “保证方式”",
            "第 9 列：不是正确的 TOML，值的写法不对：文字须写在英文引号里",
        ),
        (MANY, 'rate_max = "12.00"', 'rate_max = "36.00"', "不能超过 24（法发〔2017〕22 号第二条）"),
        (MANY, 'expected = "no"', 'expected = "nein"', "可以写：yes、no"),
        ("reference/lpr.toml", '[2025-03-20, "3.10", "3.60"],\n', "", "与上一行之间漏了月份，请补上"),
        ("reference/articles.toml", "last = 1260", 'last = "many"', "须为整数"),
    ],
)
def test_a_slip_is_told_once_with_file_and_line(
    folder: Path, name: str, old: str, new: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = spoilt(folder, name, old, new)
    assert main(["templates", "check"]) == 1
    *told, last = capsys.readouterr().out.strip().split("\n")
    assert last == "共 1 处，请按文件和行号改正，再检查一次"
    (fault,) = told
    assert fault.startswith("✗ ")
    assert name.rsplit("/")[-1] in fault
    assert f"第 {line} 行" in fault
    assert said in fault


def test_a_slip_in_what_is_read_out_is_told_by_the_check_of_products_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = spoilt(folder, MANY, "{guaranteed_short}", "{guaranteed_shirt}")
    assert main(["products", "--check"]) == 1
    said = capsys.readouterr().out
    assert f"产品文件 multi_guarantor_loan.toml 第 {line} 行 话术第 11 条：不认识的占位符 {{guaranteed_shirt}}" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('a "x"', "第 1 行第 3 列：不是正确的 TOML，名称后面须有等号"),
        ('a = 1\nb = "x\n', "第 2 行第 7 列：不是正确的 TOML，引号没有闭合"),
        ("a = [1,\n", "文件末尾：不是正确的 TOML，值的写法不对"),
        ("[t]\n[t]\n", "同一张表写了两次"),
        ("a = 1 b = 2", "一行只能写一项"),
        ("[t\n", "表头的方括号没有闭合"),
        ("= 3", "一行须以名称开头"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_chinese(text: str, said: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as refused:
        tomllib.loads(text)
    assert said in syntax(refused.value)


def test_a_wrong_pattern_of_the_law_is_told() -> None:
    with pytest.raises(InputError, match=r"正则表达式 \(\( 写得不对"):
        citations.read('laws = []\n[[forbidden]]\npattern = "(("\nwhy = "x"\n')
