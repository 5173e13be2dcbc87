"""What a template cites and what it must not say, held against ``pdf_templates/reference/articles.toml``.

No program reads law; but a wrong number, a law that the template does not rest on, and the wordings that are void in
every contract can be found.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from itertools import product
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from signing.adapters.documents.faults import described, syntax
from signing.adapters.documents.template import Template
from signing.adapters.documents.templaterules import place
from signing.domain.errors import InputError

FILE = "reference/articles.toml"
_NUMERAL = "零〇一二三四五六七八九十百千"
_CITED = re.compile(rf"《([^《》]{{2,40}})》((?:第[{_NUMERAL}]+条(?:第[一二三四五六七八九十]+[款项])*[、至和]?)+)")
_ARTICLE = re.compile(rf"第([{_NUMERAL}]+)条")
_DIGITS = {"零": 0, "〇": 0} | {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}
_TENS = {"十": 10, "百": 100, "千": 1000}

Text = Annotated[str, Field(min_length=1)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Law(_Table):
    """``last``: its last article. ``articles``: words of which one is where the article is cited."""

    name: Text
    last: int
    articles: Mapping[int, tuple[Text, ...]] = {}


class Forbidden(_Table):
    """``pattern`` may stand in no sentence that ``unless`` does not match; both are regular expressions."""

    pattern: Text
    why: Text
    unless: str = ""


class Articles(_Table):
    laws: tuple[Law, ...]
    forbidden: tuple[Forbidden, ...] = ()

    def law(self, name: str) -> Law | None:
        return next((law for law in self.laws if law.name == name.removeprefix("中华人民共和国")), None)


@lru_cache(maxsize=1)
def shipped() -> Articles:
    """Raises ``InputError`` naming each line that is wrong."""
    return read((files("pdf_templates") / FILE).read_text(encoding="utf-8"))


def read(text: str) -> Articles:
    """Raises as ``shipped``."""
    try:
        found = Articles.model_validate(tomllib.loads(text))
        patterns = [pattern for rule in found.forbidden for pattern in (rule.pattern, rule.unless)]
        wrong = [f"正则表达式 {pattern} 写得不对" for pattern in patterns if not _compiles(pattern)]
    except tomllib.TOMLDecodeError as error:
        wrong = [syntax(error)]
    except ValidationError as error:
        wrong = described(error, text)
    if wrong:
        raise InputError(f"参考数据 {FILE} 有误：{'；'.join(wrong)}", "请联系法务改正")
    return found


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def own_faults() -> list[str]:
    """What is wrong with the table itself; nothing where it is sound."""
    try:
        shipped()
    except InputError as error:
        return [error.message]
    return []


def faults(template: Template, text: str) -> Iterator[str]:
    """What is wrong with the law of a template; ``text`` is its file's, for the lines."""
    known, basis = shipped(), "".join(template.basis)
    told: set[str] = set()
    for one in template.texts():
        for fault in (*_misplaced(one, known, basis), *_void(one, known)):
            if fault not in told:
                told.add(fault)
                yield f"{place(text, one)}：{fault}"


def cited(text: str) -> Iterator[tuple[str, int]]:
    """(law, article) of each citation such as 《民法典》第六百七十条、第六百七十一条."""
    for found in _CITED.finditer(text):
        yield from ((found[1], number_of(article)) for article in _ARTICLE.findall(found[2]))


def number_of(numeral: str) -> int:
    """六百七十 → 670, 十五 → 15, 一千零六十四 → 1064."""
    whole, digit = 0, 0
    for character in numeral:
        if character in _TENS:
            whole, digit = whole + (digit or 1) * _TENS[character], 0
        else:
            digit = _DIGITS[character]
    return whole + digit


def _misplaced(text: str, known: Articles, basis: str) -> Iterator[str]:
    for name, article in cited(text):
        if name not in basis:
            yield f"引用了《{name}》，basis 中没有写明这部法律，请补充"
        law = known.law(name)
        if law is None:
            continue
        if not 1 <= article <= law.last:
            yield f"《{name}》没有第 {article} 条（共 {law.last} 条），请核对条文号"
        elif (words := law.articles.get(article)) and not any(word in text for word in words):
            yield f"《{name}》第 {article} 条讲的是“{'、'.join(words)}”，这一段没有提到，请核对条文号"


def _void(text: str, known: Articles) -> Iterator[str]:
    sentences = re.split("[。；]", text.replace("**", ""))
    for rule, sentence in product(known.forbidden, sentences):
        found = re.search(rule.pattern, sentence)
        if found and not (rule.unless and re.search(rule.unless, sentence)):
            yield f"“{found[0]}”：{rule.why}，请删改"
