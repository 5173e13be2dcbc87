"""The legal department's templates: TOML in ``pdf_templates``, checked as a whole before anything is printed.

``KIND/template.toml`` is the first edition, ``KIND/template.2027-01.toml`` (any word after the point) a later one. On
each day the newest edition counts whose ``effective`` has come.
"""

import re
import tomllib
from datetime import date
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import ValidationError

from signing.adapters.documents.editions import newest, twice
from signing.adapters.documents.faults import described, syntax
from signing.adapters.documents.template import Clause, Template
from signing.adapters.documents.template import Part as Part
from signing.adapters.documents.template import fill as fill
from signing.adapters.documents.templatefile import PartTable, TemplateFile
from signing.adapters.documents.templaterules import mistakes
from signing.domain.errors import InputError


def root() -> Traversable:
    return files("pdf_templates")


FIRST = "template.toml"


def sources(kind: str) -> dict[str, str]:
    """The text of each edition by its file's name. Raises ``InputError`` for an unknown kind."""
    folder = root() / kind
    if not re.fullmatch(r"[a-z_]+", kind) or not (folder / FIRST).is_file():
        raise InputError(f"没有名为 {kind} 的文书模板", "请检查产品配置中的文书名称")
    named = sorted((entry for entry in folder.iterdir() if _NAME.fullmatch(entry.name)), key=lambda entry: entry.name)
    return {entry.name: entry.read_text(encoding="utf-8") for entry in named}


_NAME = re.compile(r"template(\.[0-9A-Za-z-]+)?\.toml")


@lru_cache(maxsize=64)
def editions(kind: str) -> tuple[Template, ...]:
    """All editions of a document kind, oldest first. Raises ``InputError`` naming file, line and fault."""
    known = [read(kind, text, name) for name, text in sources(kind).items()]
    if days := twice(known):
        raise _refused(kind, FIRST, [f"有两个版本从 {days[0]} 起施行"])
    return tuple(sorted(known, key=lambda one: one.effective))


def load(kind: str) -> Template:
    """The newest edition, also one that is not in effect yet: for checks and previews. Raises as ``editions``."""
    return editions(kind)[-1]


def in_effect(kind: str, day: date) -> Template:
    """The edition of ``day`` (in Beijing). Raises as ``editions``, and before the first one's day."""
    known = editions(kind)
    found = newest(known, day)
    if found is None:
        told = f"文书《{known[0].title}》自 {known[0].effective} 起施行，{day} 还不能使用"
        raise InputError(told, "请联系法务确认施行日期")
    return found


def read(kind: str, text: str, name: str = FIRST) -> Template:
    """One edition, from its file's text. Raises ``InputError`` naming file, line and fault."""
    try:
        template = _built(TemplateFile.model_validate(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise _refused(kind, name, [syntax(error)]) from error
    except ValidationError as error:
        raise _refused(kind, name, described(error, text)) from error
    if found := list(mistakes(kind, template, text)):
        raise _refused(kind, name, found)
    return template


def _refused(kind: str, name: str, found: list[str]) -> InputError:
    return InputError("；".join(f"{file_of(kind, name)} {fault}" for fault in found), "请联系法务维护模板")


def file_of(kind: str, name: str = FIRST) -> str:
    return f"pdf_templates/{kind}/{name}"


def kinds() -> tuple[str, ...]:
    """All document kinds there are templates for."""
    return tuple(sorted(entry.name for entry in root().iterdir() if (entry / FIRST).is_file()))


def _built(file: TemplateFile) -> Template:
    return Template(
        template_id=file.id,
        title=file.title,
        version=file.version,
        effective=file.effective,
        code=file.code,
        basis=file.basis,
        parts=tuple(_part(part) for part in file.parts),
        data={name: field.built() for name, field in file.data.items()},
        each_signer=file.each_signer,
    )


def _part(table: PartTable) -> Part:
    return Part(
        type=table.type,
        title=table.title,
        text=table.text,
        clauses=tuple(Clause(one.text, one.when.built(), one.label or "") for one in table.clauses),
        label=table.label or "",
        when=table.when.built(),
        rows=table.rows,
        signers=table.signers,
        signer_label=table.signer_label,
        labels=tuple(table.labels.items()),
        seal_label=table.seal_label,
    )
