"""What a prepared sound is to say, for the seat that talks with the customer."""

from signing.service.commands import Actor
from signing.service.handlers.common import seat_case
from signing.service.handlers.disclosure import line_of
from signing.service.permissions import asked
from signing.service.services import Services


@asked
def line_to_read(services: Services, actor: Actor, case_id: str, party_id: str, number: int) -> str:
    """The words of a line that is for this party. Raises ``InputError`` where there is none such."""
    with services.db.read() as unit:
        case, party, _ = seat_case(unit, actor, case_id, party_id)
        return line_of(case, party, number).text
