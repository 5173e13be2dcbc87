"""The teleprompter: which line is to be read now, and how far the answers are."""

from collections.abc import Sequence

from signing.wire.case import Answer, ScriptLineView


def settled(line: ScriptLineView) -> bool:
    """A repeat settles nothing; a wrong answer where one is expected means to explain and ask again."""
    if line.answer is None or line.answer is Answer.REPEAT:
        return False
    return line.expected is None or line.answer is line.expected


def unspoken(line: ScriptLineView) -> bool:
    """Whether the customer has nodded where the word itself has to be heard: neither right nor wrong."""
    return line.answer is Answer.NODDED and line.expected is not None


def current_line(lines: Sequence[ScriptLineView]) -> ScriptLineView | None:
    """The first line without a settled answer; None when all are."""
    return next((line for line in lines if not settled(line)), None)


def progress(lines: Sequence[ScriptLineView]) -> tuple[int, int]:
    """(lines settled, lines in all)"""
    return sum(settled(line) for line in lines), len(lines)


def dialects(lines: Sequence[ScriptLineView]) -> list[str]:
    """Those in which any line may be put, in the script's order."""
    return list(dict.fromkeys(one.dialect for line in lines for one in line.references))


def reference(line: ScriptLineView, dialect: str) -> str:
    """How ``line`` may be put in ``dialect``; empty where the script does not say."""
    return next((f"参考（{dialect}）：{one.text}" for one in line.references if one.dialect == dialect), "")


def advice(line: ScriptLineView) -> str:
    """What to do about the answer this line has already had."""
    if line.answer is Answer.REPEAT:
        return "客户没听清，请再读一遍，放慢语速"
    if unspoken(line):
        return "客户点了头：请他亲口说出来再记录；说不出话的，整理时结果选“其他”并写明原因"
    if line.answer is not None and not settled(line):
        return "回答与要求不一致，请用自己的话解释清楚，再问一次"
    return ""
