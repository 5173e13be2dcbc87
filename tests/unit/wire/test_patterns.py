"""What a pattern on the wire lets through: the plain digits only, of all that Unicode calls digits."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from signing import wire
from signing.wire.base import Message
from signing.wire.helper import DeclareHelper
from signing.wire.phone import RedeemCode
from signing.wire.staff import LogIn

FILES = sorted(Path(str(wire.__file__)).parent.glob("*.py"))
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def patterns(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "pattern" and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def test_no_pattern_says_digit_where_it_means_0_to_9() -> None:
    found = [(path.name, pattern) for path in FILES for pattern in patterns(path)]
    assert len(found) > 10
    assert [one for one in found if r"\d" in one[1] or r"\w" in one[1]] == []


@pytest.mark.parametrize(
    ("message", "values", "name"),
    [
        (LogIn, {"username": "zhang", "password": "secret", "code": "123456"}, "code"),
        (RedeemCode, {"capability": "A" * 43, "code": "123456"}, "code"),
        (DeclareHelper, {"name": "王小田", "relation": "子女", "phone": "13900139000"}, "phone"),
    ],
)
def test_full_width_digits_are_none(message: type[Message], values: dict[str, Any], name: str) -> None:
    assert message.model_validate(values)
    with pytest.raises(ValidationError, match=name):
        message.model_validate({**values, name: values[name].translate(WIDE)})
