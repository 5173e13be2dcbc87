"""The legal department's templates: TOML in ``pdf_templates``, checked as a whole before anything is printed."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from pydantic import ValidationError

from signing.adapters.documents.productfile import ConditionTable
from signing.domain.errors import InputError
from signing.domain.party import Role
from signing.domain.product import ALWAYS, CaseFacts, Condition

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
PART_TYPES = ("text", "notice", "article", "table", "collateral", "schedule", "signatures")
REFERENCE = "article_"
"""``{article_NAME}`` prints the number of the article with ``label = "NAME"``, as 第五条."""


@dataclass(frozen=True)
class Clause:
    """One paragraph of an article, printed where ``when`` holds."""

    text: str
    when: Condition = ALWAYS


@dataclass(frozen=True)
class Part:
    """One block of a document, printed where ``when`` holds.

    ``rows`` of a table are (label, text); ``clauses`` are an article's paragraphs, numbered as they are printed. The
    rows of a ``collateral`` are repeated for each lot, its own placeholders filled.
    """

    type: str
    title: str = ""
    text: str = ""
    clauses: tuple[Clause, ...] = ()
    label: str = ""
    when: Condition = ALWAYS
    rows: tuple[tuple[str, ...], ...] = ()
    numbered: bool = False
    signers: tuple[Role, ...] = ()
    signer_label: str = ""
    seal_label: str = ""

    def texts(self) -> Iterator[str]:
        yield from (self.title, self.text, self.signer_label, self.seal_label)
        yield from (clause.text for clause in self.clauses)
        for row in self.rows:
            yield from row


@dataclass(frozen=True)
class Template:
    """``code`` is the suffix of the document's number; ``basis`` the law it rests on."""

    template_id: str
    title: str
    version: str
    effective: str
    code: str
    basis: tuple[str, ...]
    parts: tuple[Part, ...]
    each_signer: bool = False
    """A paper of its own for each person who signs it."""

    def texts(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.texts()

    def placeholders(self) -> set[str]:
        return {name for text in self.texts() for name in PLACEHOLDER.findall(text)}

    def for_case(self, facts: CaseFacts) -> tuple[Part, ...]:
        """The parts that this case has, each article with the clauses that it has; empty articles are left out."""
        kept = (
            replace(part, clauses=tuple(clause for clause in part.clauses if clause.when.holds(facts)))
            for part in self.parts
            if part.when.holds(facts)
        )
        return tuple(part for part in kept if part.type != "article" or part.clauses)

    @property
    def labels(self) -> set[str]:
        return {part.label for part in self.parts if part.label}

    @property
    def signers(self) -> tuple[Role, ...]:
        return tuple(role for part in self.parts for role in part.signers)


def fill(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its placeholders replaced. Raises ``InputError`` for one without a value."""

    def value(match: re.Match[str]) -> str:
        try:
            return values[match[1]].replace("**", "")
        except KeyError:
            raise InputError(f"模板中的占位符 {{{match[1]}}} 没有对应的内容", "请联系法务维护模板") from None

    return PLACEHOLDER.sub(value, text)


def root() -> Traversable:
    return files("pdf_templates")


@lru_cache(maxsize=64)
def load(kind: str) -> Template:
    """The template of a document kind. Raises ``InputError`` naming file and fault."""
    path = root() / kind / "template.toml"
    if not re.fullmatch(r"[a-z_]+", kind) or not path.is_file():
        raise InputError(f"没有名为 {kind} 的文书模板", "请检查产品配置中的文书名称")
    try:
        return _template(tomllib.loads(path.read_text(encoding="utf-8")), kind)
    except ValidationError as error:
        key = ".".join(map(str, error.errors()[0]["loc"]))
        raise InputError(f"文书模板 {kind} 的条件 when 有误：{key}", "请联系法务维护模板") from error
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"文书模板 {kind} 有误：{error}", "请联系法务维护模板") from error


def kinds() -> tuple[str, ...]:
    """All document kinds there are templates for."""
    return tuple(sorted(entry.name for entry in root().iterdir() if (entry / "template.toml").is_file()))


def _template(data: dict[str, Any], kind: str) -> Template:
    keys = {"id", "title", "version", "effective", "code", "basis", "parts"}
    expect_keys(data, keys | {"each_signer"}, kind, required=keys)
    if data["id"] != kind:
        raise ValueError(f"id 应为 {kind}")
    template = Template(
        template_id=kind,
        title=data["title"],
        version=data["version"],
        effective=str(data["effective"]),
        code=data["code"],
        basis=tuple(data["basis"]),
        parts=tuple(_part(part) for part in data["parts"]),
        each_signer=bool(data.get("each_signer", False)),
    )
    references = {name.removeprefix(REFERENCE) for name in template.placeholders() if name.startswith(REFERENCE)}
    if unknown := sorted(references - template.labels):
        raise ValueError(f"引用了没有的条文 {', '.join(unknown)}")
    if any(part.label and part.type != "article" for part in template.parts):
        raise ValueError("只有 article 可以有 label")
    if sum(part.type == "signatures" for part in template.parts) != 1 or template.parts[-1].type != "signatures":
        raise ValueError("须以且仅以一个 signatures 结束")
    return template


def _part(data: dict[str, Any]) -> Part:
    allowed = {"type", "title", "text", "clauses", "rows", "numbered", "signers", "signer_label", "seal_label"}
    allowed |= {"label", "when"}
    expect_keys(data, allowed, data.get("type", "?"), required={"type"})
    if data["type"] not in PART_TYPES:
        raise ValueError(f"不认识的段落类型 {data['type']}")
    return Part(
        type=data["type"],
        title=data.get("title", ""),
        text=data.get("text", ""),
        clauses=tuple(_clause(clause) for clause in data.get("clauses", ())),
        label=data.get("label", ""),
        when=_condition(data),
        rows=tuple(tuple(row) for row in data.get("rows", ())),
        numbered=data.get("numbered", False),
        signers=tuple(Role(role) for role in data.get("signers", ())),
        signer_label=data.get("signer_label", ""),
        seal_label=data.get("seal_label", ""),
    )


def _clause(data: str | dict[str, Any]) -> Clause:
    if isinstance(data, str):
        return Clause(data)
    expect_keys(data, {"text", "when"}, "clauses")
    return Clause(data["text"], _condition(data))


def _condition(data: Mapping[str, Any]) -> Condition:
    return ConditionTable.model_validate_json(json.dumps(data.get("when", {}))).built()


def expect_keys(data: Mapping[str, Any], allowed: set[str], where: str, required: set[str] | None = None) -> None:
    """Raises ``ValueError`` for a key that is unknown or missing: a slip of the pen must not be overlooked."""
    unknown, missing = set(data) - allowed, (allowed if required is None else required) - set(data)
    if unknown or missing:
        faults = [f"多出 {', '.join(sorted(unknown))}"] * bool(unknown) + [f"缺少 {', '.join(sorted(missing))}"] * bool(
            missing
        )
        raise ValueError(f"{where}:{';'.join(faults)}")
