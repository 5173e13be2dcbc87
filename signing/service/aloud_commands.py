"""Commands about lines of the script that a prepared sound reads into the call in place of the agent."""

from dataclasses import dataclass, field

from signing.service.commands import Command


@dataclass(frozen=True)
class ReadAloud(Command):
    """The sound is about to be played; answers with the reading's id, by which its end is told.

    ``text``: of which it was made; ``recorded``: by people, not a synthesiser.
    """

    case_id: str
    party_id: str
    line: int
    text: str = field(repr=False)
    sha256: str
    recorded: bool


@dataclass(frozen=True)
class EndReadAloud(Command):
    """What ``ReadAloud`` began under this id has ended. ``seconds``: of the sound that were heard."""

    case_id: str
    party_id: str
    reading_id: str
    whole: bool
    seconds: float
