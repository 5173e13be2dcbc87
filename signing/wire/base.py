"""What every message has in common."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in lower-case hexadecimal."""

Identifier = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
"""An opaque identifier of ours, safe in a path."""


class Message(BaseModel):
    """A value that crosses a process boundary; unknown fields and numbers that are none are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)


class Tone(StrEnum):
    """How a notice is meant; the screen adds a word and an icon."""

    GOOD = "good"
    NOTICE = "notice"
    CAUTION = "caution"
    STOP = "stop"


class Notice(Message):
    """A line for the screen, and how it is meant."""

    tone: Tone
    text: str


class ErrorBody(Message):
    """The body of every refused request: what happened and what to do next, in Chinese."""

    code: str
    message: str
    hint: str = ""


class Page(Message):
    """A rendered page a screen may ask for; numbers start at 1."""

    number: int = Field(ge=1)
    width: int = Field(ge=1)
    height: int = Field(ge=1)


class Clock(Message):
    """Lets a client show times on the service's clock."""

    server_time: AwareDatetime


class IceServer(Message):
    """RTCIceServer of the WebRTC specification."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


__all__ = [
    "Clock",
    "Digest",
    "ErrorBody",
    "IceServer",
    "Identifier",
    "Message",
    "Notice",
    "Page",
    "Tone",
]
