"""Commands about lines of the script that a prepared sound reads into the call in place of the agent."""

from dataclasses import dataclass, field

from signing.service.commands import Command


@dataclass(frozen=True)
class ReadAloud(Command):
    """The sound is about to be played. ``text``: of which it was made; ``recorded``: by people, not a synthesiser."""

    case_id: str
    party_id: str
    line: int
    text: str = field(repr=False)
    sha256: str
    recorded: bool


@dataclass(frozen=True)
class EndReadAloud(Command):
    """What ``ReadAloud`` began has ended. ``seconds``: of the sound that were heard."""

    case_id: str
    party_id: str
    line: int
    sha256: str
    whole: bool
    seconds: float
