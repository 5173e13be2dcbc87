"""The legal department's templates: TOML in ``pdf_templates``, checked as a whole before anything is printed."""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import ValidationError

from signing.adapters.documents.faults import described
from signing.adapters.documents.template import Clause, Template
from signing.adapters.documents.template import Part as Part
from signing.adapters.documents.template import fill as fill
from signing.adapters.documents.templatefile import PartTable, TemplateFile
from signing.adapters.documents.templaterules import mistakes
from signing.domain.errors import InputError


def root() -> Traversable:
    return files("pdf_templates")


def source(kind: str) -> str:
    """The text of a document kind's template. Raises ``InputError`` for an unknown one."""
    path = root() / kind / "template.toml"
    if not re.fullmatch(r"[a-z_]+", kind) or not path.is_file():
        raise InputError(f"没有名为 {kind} 的文书模板", "请检查产品配置中的文书名称")
    return path.read_text(encoding="utf-8")


@lru_cache(maxsize=64)
def load(kind: str) -> Template:
    """The template of a document kind. Raises ``InputError`` naming file, line and fault."""
    return read(kind, source(kind))


def read(kind: str, text: str) -> Template:
    """As ``load``, from the file's text."""
    try:
        template = _built(TemplateFile.model_validate(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise _refused(kind, [f"不是正确的 TOML：{error}"]) from error
    except ValidationError as error:
        raise _refused(kind, described(error, text)) from error
    if found := list(mistakes(kind, template, text)):
        raise _refused(kind, found)
    return template


def _refused(kind: str, found: list[str]) -> InputError:
    return InputError("；".join(f"{file_of(kind)} {fault}" for fault in found), "请联系法务维护模板")


def file_of(kind: str) -> str:
    return f"pdf_templates/{kind}/template.toml"


def kinds() -> tuple[str, ...]:
    """All document kinds there are templates for."""
    return tuple(sorted(entry.name for entry in root().iterdir() if (entry / "template.toml").is_file()))


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
