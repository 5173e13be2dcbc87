"""What an agent may say in a dialect beside a line of the script: ``pdf_templates/reference/dialects.toml``.

Each text stands under the line of the products' scripts that it explains, word for word, so that one that is read in
seventeen products is written once.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from signing.adapters.documents import templates
from signing.adapters.documents.faults import described, located
from signing.adapters.documents.template import PLACEHOLDER
from signing.domain.case import Reference
from signing.domain.errors import InputError

FILE = "reference/dialects.toml"

_Text = Annotated[str, Field(min_length=1, max_length=400)]
_Dialect = Annotated[str, Field(min_length=1, max_length=12)]
_NUMBER = re.compile(r"\d+")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Line(_Table):
    text: _Text
    references: Annotated[dict[_Dialect, _Text], Field(min_length=1)]
    reviewed: Annotated[str, Field(max_length=60)] = ""
    """Who speaks them from childhood and has read them, and when; empty: nobody has."""


class _File(_Table):
    line: tuple[_Line, ...] = ()


@lru_cache(maxsize=1)
def known() -> dict[str, tuple[Reference, ...]]:
    """The references of each line by its text, placeholders and all. Raises ``InputError``."""
    return read(_shipped())


def reviews() -> dict[str, str]:
    """Who has read each line's references, by its text; lines of which nobody has are left out. Raises as ``known``."""
    return {line.text: line.reviewed for line in _parsed(_shipped()).line if line.reviewed}


def _shipped() -> str:
    return (templates.root() / FILE).read_text(encoding="utf-8")


def of(text: str) -> tuple[Reference, ...]:
    """Of one line; none for most."""
    return known().get(text, ())


def read(text: str) -> dict[str, tuple[Reference, ...]]:
    """What a file says. Raises ``InputError`` with all that is wrong with it."""
    return {line.text: tuple(Reference(*one) for one in line.references.items()) for line in _parsed(text).line}


def _parsed(text: str) -> _File:
    try:
        file = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise _wrong([f"不是正确的 TOML：{error}"]) from error
    except ValidationError as error:
        raise _wrong(described(error, text)) from error
    if wrong := [located(("line", index, key), text, rule) for index, key, rule in _faults(file)]:
        raise _wrong(wrong)
    return file


def without(lines: Iterable[str]) -> list[str]:
    """The lines that have no reference, each once, in their order."""
    return [line for line in dict.fromkeys(lines) if line not in known()]


def unmatched(lines: Iterable[str]) -> list[str]:
    """Texts that are no line of any script any more, each as a fault."""
    gone = set(known()) - set(lines)
    return [f"{FILE}：产品的话术里没有这一句：{text}" for text in sorted(gone)]


def _faults(file: _File) -> Iterator[tuple[int, str, str]]:
    """(index, key, rule). What differs from the contract's own line would be told beside it."""
    seen: set[str] = set()
    for index, line in enumerate(file.line):
        if line.text in seen:
            yield index, "text", "同一句话写了两次"
        seen.add(line.text)
        for dialect, said in line.references.items():
            if strange := set(PLACEHOLDER.findall(said)) - set(PLACEHOLDER.findall(line.text)):
                names = "、".join(f"{{{name}}}" for name in sorted(strange))
                yield index, "references", f"{dialect}用了原句没有的占位符 {names}"
            if numbers := set(_NUMBER.findall(said)) - set(_NUMBER.findall(line.text)):
                yield index, "references", f"{dialect}写了原句没有的数字 {'、'.join(sorted(numbers))}"


def _wrong(faults: list[str]) -> InputError:
    return InputError(f"方言参考 {FILE} 有误：{'；'.join(faults)}", "请联系产品维护人员")
