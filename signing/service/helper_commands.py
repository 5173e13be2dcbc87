"""What is said about a customer's helper: by the customer on the phone, or by the agent in the call."""

from dataclasses import dataclass

from signing.service.commands import Command


@dataclass(frozen=True)
class DeclareHelper(Command):
    """→ ``Party``. The customer for themself; the agent for a party of the live call. A newer one replaces an older."""

    name: str
    relation: str
    id_number: str = ""
    phone: str = ""
    case_id: str = ""
    party_id: str = ""


@dataclass(frozen=True)
class DismissHelper(Command):
    """Nobody helps any more. → ``Party``"""

    case_id: str = ""
    party_id: str = ""


@dataclass(frozen=True)
class MoveHelper(Command):
    """The agent confirms what the picture shows: out of it, or back in it. → ``Party``"""

    case_id: str
    party_id: str
    aside: bool
