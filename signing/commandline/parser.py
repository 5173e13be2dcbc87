"""Argparse that speaks Chinese: its own frame of a help page, and its own complaints."""

import argparse
import re
import sys
from typing import Any, NoReturn

FRAME = {"usage: ": "用法：", "\npositional arguments:\n": "\n参数：\n", "\noptions:\n": "\n选项：\n"}
COMPLAINTS = (
    (r"the following arguments are required: (.+)", r"缺少参数：\1"),
    (r"unrecognized arguments: (.+)", r"不认识的参数：\1"),
    (r"one of the arguments (.+) is required", r"须给出其中一个：\1"),
    (r"ambiguous option: (.+) could match (.+)", r"\1 不够明确，可能是：\2"),
    (r"invalid choice: '?(.+?)'? \(choose from (.+)\)", r"没有“\1”，可选：\2"),
    (r"invalid \S+ value: '(.*)'", r"“\1”不是有效的值"),
    (r"not allowed with argument (.+)", r"不能与 \1 同时使用"),
    (r"ignored explicit argument '(.*)'", r"不带值，却给了“\1”"),
    (r"expected one argument", "后面要跟一个值"),
    (r"expected at most one argument", "后面至多跟一个值"),
    (r"expected at least one argument", "后面至少要跟一个值"),
    (r"expected (\d+) arguments?", r"后面要跟 \1 个值"),
)


class Help(argparse.HelpFormatter):
    """The sub-commands under their title, without a line that says the title again."""

    def _format_action(self, action: argparse.Action) -> str:
        said = super()._format_action(action)
        return said.partition("\n")[2] if action.nargs == argparse.PARSER else said


class Parser(argparse.ArgumentParser):
    """Parsers of its sub-commands are of this class too."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"formatter_class": Help, **options, "add_help": False})
        self.add_argument("-h", "--help", action="help", help="显示本说明")

    def format_help(self) -> str:
        return _framed(super().format_help())

    def format_usage(self) -> str:
        return _framed(super().format_usage())

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"{complaint(message)}。说明：{self.prog} --help\n")


def _framed(text: str) -> str:
    for theirs, ours in FRAME.items():
        text = text.replace(theirs, ours, 1)
    return text


def complaint(message: str) -> str:
    """What argparse has to say, in Chinese; unchanged where it is ours already."""
    about, colon, rest = message.removeprefix("argument ").partition(": ")
    if colon and message.startswith("argument "):
        return f"{about}：{complaint(rest)}"
    for theirs, ours in COMPLAINTS:
        if re.fullmatch(theirs, message):
            return re.sub(theirs, ours, message).replace("', '", "、").replace("可选：'", "可选：").removesuffix("'")
    return message
