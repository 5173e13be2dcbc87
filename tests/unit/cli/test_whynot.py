"""What the machine refuses is told in Chinese, and no command ends in a traceback."""

import argparse
import errno
import re
from pathlib import Path

import pytest

from signing.cli import _sources, build_parser, main
from signing.domain.whynot import why


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    capsys.readouterr()
    assert main([str(one) for one in arguments]) == 2
    told = capsys.readouterr().err
    assert "Errno" not in told
    assert "No such" not in told
    return told


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.ENOSPC, errno.EADDRINUSE, 123])
def test_reasons_are_chinese(number: int) -> None:
    told = why(OSError(number, "in English"))
    assert told
    assert "English" not in told


def test_an_error_without_a_number_is_told_too() -> None:
    assert why(OSError("in English")) == "读写失败"


def test_the_description_of_the_service_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "openapi.json"
    file.write_text("mine")
    assert "已经存在，不会覆盖" in said(capsys, "openapi", "--out", file)
    assert file.read_text() == "mine"
    assert "没有这个文件或目录" in said(capsys, "openapi", "--out", tmp_path / "nosuch" / "openapi.json")


def test_a_bench_of_no_cases_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["bench", "storage", "--cases", "0"])
    assert left.value.code == 2
    assert "应为 1 以上的整数" in capsys.readouterr().err


def test_an_export_of_what_is_no_number_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from signing.bootstrap import build
    from signing.config import Settings

    build(Settings(tmp_path / "data")).engine.dispose()
    for number in ("abc", "PQabc", "2026x", "-1"):
        exporting = ("--data", tmp_path / "data", "--out", tmp_path / "y.asice", "--", number)
        assert f"没有业务 {number}" in said(capsys, "export", *exporting)
    seals = ("seals", "--data", tmp_path / "data")
    assert "branch list" in said(capsys, "webhooks", "add", "--institution", "i", "--url", "https://a.example/x",
                                 "--data", tmp_path / "data")  # fmt: skip
    for url in ("https://127.0.0.1/x", "https://localhost/x", "https://[::1]/x", "https://10.0.0.1/x"):
        adding = ("webhooks", "add", "--institution", "i", "--url", url, "--data", tmp_path / "data")
        assert "--private" in said(capsys, *adding)
    assert "没有给出要重发的通知" in said(capsys, "webhooks", "redeliver", "--data", tmp_path / "data")
    assert "没有" in said(capsys, seals[0], "log", "--seal", "nosuch", *seals[1:])


def parsers(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    below = [one for a in parser._actions if isinstance(a, argparse._SubParsersAction) for one in a.choices.values()]
    return [parser, *(deeper for one in below for deeper in parsers(one))]


_OWN = {"URL", "PEM", "ERS"}
"""Metavariables that are the name of a thing in Chinese too."""


def test_what_is_to_be_put_in_is_named_in_chinese() -> None:
    for name in _sources():
        for parser in parsers(build_parser(name)):
            for action in parser._actions:
                if action.nargs == 0 or action.choices or isinstance(action, argparse._SubParsersAction):
                    continue
                assert isinstance(action.metavar, str), (parser.prog, action.dest)
                assert action.metavar in _OWN or re.search("[一-鿿]", action.metavar), (parser.prog, action.metavar)


def test_what_may_be_chosen_stands_without_foreign_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["user", "add", "x", "--name", "王", "--role", "king", "--branch", "b"])
    assert "没有“king”，可选：agent、supervisor、auditor、administrator。" in capsys.readouterr().err


def test_one_product_that_is_not_there_is_not_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert "没有这个产品" in said(capsys, "products", "nosuch", "--check")
