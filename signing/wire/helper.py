"""A customer's declared helper 协助人, as it is declared and as it is shown."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from signing.wire.base import Message


class DeclareHelper(Message):
    """POST /api/phone/helper, or /api/cases/{case_id}/parties/{party_id}/helper"""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    relation: Annotated[str, Field(min_length=1, max_length=20)]
    id_number: Annotated[str, Field(pattern=r"^([0-9]{17}[0-9Xx])?$")] = ""
    phone: Annotated[str, Field(pattern=r"^(1[3-9][0-9]{9})?$")] = ""


class MoveHelper(Message):
    """PUT /api/cases/{case_id}/parties/{party_id}/helper/aside"""

    aside: bool


class HelperView(Message):
    """``aside``: the agent has confirmed that they are out of the picture."""

    name_masked: str
    relation: str
    id_number_masked: str = ""
    phone_masked: str = ""
    declared_by: Literal["customer", "agent"]
    aside: bool
    aside_at: AwareDatetime | None = None
