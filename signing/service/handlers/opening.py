"""What an agent needs while a case is prepared: the roster, former customers, the key of drafts; and the link sent."""

from dataclasses import dataclass

from signing.domain import events, idcard
from signing.domain.case import Case, party_of
from signing.domain.errors import ConflictError, InputError, NotFound
from signing.domain.lifecycle import Operation, require
from signing.domain.masking import mask_id_number, mask_name
from signing.domain.party import Party
from signing.domain.phase import party_label
from signing.domain.reference import Household
from signing.domain.searching import Kind, Term
from signing.service import scope
from signing.service.again import to_the_end
from signing.service.bus import Handler
from signing.service.case_list import CaseQuery
from signing.service.commands import Command
from signing.service.handlers.common import save
from signing.service.links import invitation_text, link_of, link_url
from signing.service.opening_commands import LookUpPerson, NoteDraft, SearchRoster, SendLink, TakeDraftKey
from signing.service.queries import case_for
from signing.service.services import Services
from signing.service.store import Unit

ROSTER_SHOWN = 10
SHORTEST_SEARCH = 2


@dataclass(frozen=True)
class FoundHousehold:
    """``ref`` names the row to ``LookUpPerson``."""

    ref: str
    household: Household


@dataclass(frozen=True)
class Known:
    """What is known of a person: from the roster, and from their newest case of the institution."""

    household: Household | None
    party: Party | None
    case: Case | None

    @property
    def name(self) -> str:
        return self.party.name if self.party else self.household.name if self.household else ""

    @property
    def id_number(self) -> str:
        return self.party.id_number if self.party else self.household.id_number if self.household else ""


def note_draft(command: NoteDraft, services: Services) -> None:
    now = services.clock.now()
    with services.db.write() as unit:
        for person in command.people:
            unit.logs.record_view(command.actor, now, "draft", "", person)


def search_roster(command: SearchRoster, services: Services) -> list[FoundHousehold]:
    now, text = services.clock.now(), command.text.strip()
    if len(text) < SHORTEST_SEARCH:
        raise InputError("请至少输入姓名的两个字，或完整的身份证号", "例如：王秀兰")
    whole = idcard.is_valid(text)
    with services.db.read() as unit:  # looking through a large roster must hold nobody up
        institution_id = scope.home(unit, command.actor).institution_id
        found = unit.people.find_households(institution_id, text.upper() if whole else text, ROSTER_SHOWN + 1)
    said = mask_id_number(text) if whole else mask_name(text)
    with services.db.write() as unit:
        unit.logs.record_view(command.actor, now, "roster", "", f"{said}：{len(found)} 户")
    return [FoundHousehold(ref, household) for ref, household in found]


def look_up_person(command: LookUpPerson, services: Services) -> Known:
    now = services.clock.now()
    with services.db.read() as unit:
        institution_id = scope.home(unit, command.actor).institution_id
        household = unit.people.household_at(institution_id, command.ref) if command.ref else None
        number = household.id_number if household else command.id_number.upper()
        if not idcard.is_valid(number):
            raise InputError("身份证号码校验不通过", "请核对 18 位号码")
        household = household or unit.people.household(institution_id, number)
        known = _former(unit, institution_id, number, household)
    with services.db.write() as unit:
        unit.logs.record_view(command.actor, now, "person", "", mask_id_number(number))
    if known.household is None and known.party is None:
        raise NotFound("名册和以往业务里都没有这个人", "请按身份证填写")
    return known


def _former(unit: Unit, institution_id: str, number: str, household: Household | None) -> Known:
    """Their newest case; one that cannot be read tells nothing."""
    query = CaseQuery(institution_id, ((Term(Kind.ID_NUMBER, number),),))
    for case in unit.cases.find(query, 1):
        party = next((one for one in case.everybody if one.id_number == number), None)
        return Known(household, party, case)
    return Known(household, None, None)


def take_draft_key(command: TakeDraftKey, services: Services) -> bytes:
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        member = scope.staff(unit, actor, actor.actor_id)
        unit.logs.record_view(actor, now, "draft_key", "", "")
    return bytes.fromhex(services.secrets.digest("draft_key", f"{member.institution_id}:{member.staff_id}"))


def send_link(command: SendLink, services: Services) -> None:
    """Only the link that holds now, and only to its own party's phone."""
    now, actor = services.clock.now(), command.actor
    with services.db.read() as unit:
        case = case_for(unit, actor, command.case_id)
        require(case, Operation.INVITE)
        party = party_of(case, command.party_id)
        link = link_of(unit, services, command.capability, now)
        if (link.case_id, link.party_id) != (case.case_id, party.party_id):
            raise ConflictError(f"这不是{party_label(party)}的链接", "请刷新后重试，或换发一条新链接")
        institution = unit.people.institution(case.institution_id).name
    url = link_url(services.base_url, command.capability)
    services.messages.send(party.phone, invitation_text(institution, case, party, url, link.expires_at))
    to_the_end(_chain_sent, services, command, party)


def _chain_sent(services: Services, command: SendLink, party: Party) -> None:
    """Only once the gateway has taken it: what was not sent is no event."""
    with services.db.write() as unit:
        case = case_for(unit, command.actor, command.case_id)
        save(unit, case, command.actor, services.clock.now(), [events.link_sent(party)])


HANDLERS: dict[type[Command], Handler] = {
    NoteDraft: note_draft,
    SearchRoster: search_roster,
    LookUpPerson: look_up_person,
    TakeDraftKey: take_draft_key,
    SendLink: send_link,
}
