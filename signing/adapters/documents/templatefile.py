"""The shape of a ``template.toml``. What it does not know it refuses: a slip of the pen must not be overlooked."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from signing.adapters.documents import fields
from signing.adapters.documents.fields import FieldType
from signing.adapters.documents.productfile import ConditionTable
from signing.domain.party import Role

Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z_]+$")]
PartType = Literal["text", "notice", "article", "table", "collateral", "schedule", "interview", "signatures"]


def _in_full(key: str) -> BeforeValidator:
    """A bare string stands for a table with nothing but ``key``."""

    def whole(value: Any) -> Any:
        return {key: value} if isinstance(value, str) else value

    return BeforeValidator(whole)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DataTable(_Table):
    """A line of ``[data]``."""

    type: FieldType
    optional: bool = False

    def built(self) -> fields.DataField:
        return fields.DataField(self.type, self.optional)


class ClauseTable(_Table):
    """A paragraph of an article; a bare string is one that is always printed."""

    text: Text
    label: Name | None = None
    when: ConditionTable = ConditionTable()


class PartTable(_Table):
    """A ``[[parts]]``."""

    type: PartType
    title: str = ""
    text: str = ""
    label: Name | None = None
    when: ConditionTable = ConditionTable()
    clauses: tuple[Annotated[ClauseTable, _in_full("text")], ...] = ()
    rows: tuple[tuple[Text, ...], ...] = ()
    signers: tuple[Role, ...] = ()
    signer_label: str = ""
    labels: dict[Role, Text] = {}
    seal_label: str = ""


class TemplateFile(_Table):
    """One ``pdf_templates/ID/template.toml``."""

    id: Name
    title: Text
    version: Text
    effective: date
    code: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    each_signer: bool = False
    basis: Annotated[tuple[Text, ...], Field(min_length=1)]
    data: dict[str, Annotated[DataTable, _in_full("type")]]
    parts: Annotated[tuple[PartTable, ...], Field(min_length=1)]
