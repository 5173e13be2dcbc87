"""Whatever argparse itself has to say is said in Chinese."""

import re

import pytest

from desktop import app
from signing.cli import build_parser
from signing.commandline.parser import Parser, complaint

ENGLISH = re.compile(
    r"usage|options:|positional|argument|required|invalid|expected|choose|unrecognized|show this|error"
)


def refused(capsys: pytest.CaptureFixture[str], parser: Parser, *words: str) -> str:
    with pytest.raises(SystemExit) as left:
        parser.parse_args(words)
    assert left.value.code == 2
    said = capsys.readouterr().err
    assert not ENGLISH.search(said), said
    return said


@pytest.fixture
def parser() -> Parser:
    made = Parser(prog="试")
    made.add_argument("--count", type=int, metavar="N")
    made.add_argument("--pair", nargs=2)
    made.add_argument("--some", nargs="+")
    made.add_argument("--flag", action="store_true")
    made.add_argument("--flavour", choices=["甜", "咸"])
    either = made.add_mutually_exclusive_group()
    either.add_argument("--up", action="store_true")
    either.add_argument("--down", action="store_true")
    made.add_argument("place")
    return made


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "缺少参数：place"),
        (["x", "--count", "many"], "--count：“many”不是有效的值"),
        (["x", "--count"], "--count：后面要跟一个值"),
        (["x", "--pair", "1"], "--pair：后面要跟 2 个值"),
        (["x", "--some"], "--some：后面至少要跟一个值"),
        (["x", "--flag=1"], "--flag：不带值，却给了“1”"),
        (["x", "--flavour", "苦"], "--flavour：没有“苦”，可选："),
        (["x", "--up", "--down"], "--down：不能与 --up 同时使用"),
        (["x", "--fla"], "不够明确，可能是：--flag, --flavour"),
        (["x", "y", "--other"], "不认识的参数：y --other"),
    ],
)
def test_complaints_name_the_argument_and_say_what_is_wrong(
    parser: Parser, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    shown = refused(capsys, parser, *words)
    assert said in shown
    assert shown.startswith("用法：试")
    assert shown.endswith("说明：试 --help\n")


def test_one_of_several_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    made = Parser(prog="试")
    either = made.add_mutually_exclusive_group(required=True)
    either.add_argument("--up", action="store_true")
    either.add_argument("--down", action="store_true")
    assert "须给出其中一个：--up --down" in refused(capsys, made)


def test_the_window_s_own_command_speaks_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        app.parser().parse_args(["--help"])
    assert not re.search(r"usage:|options:|show this help", capsys.readouterr().out)


def test_our_own_words_stay() -> None:
    assert complaint("须为正整数") == "须为正整数"
    assert complaint("argument --seats: 须为正整数") == "--seats：须为正整数"


@pytest.mark.parametrize("command", ["serve", "user", "bench", "case", "keys", "verify"])
def test_help_pages_have_no_english_frame(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser(command).parse_args([command, "--help"])
    shown = capsys.readouterr().out
    assert shown.startswith("用法：pingqian")
    assert "显示本说明" in shown
    assert not re.search(r"usage:|options:|show this help|positional", shown)
