"""A case as the credit system is told of it."""

from signing.domain.appointment import Appointment
from signing.domain.case import Case
from signing.domain.core_state import CORE_STATE_TITLES
from signing.domain.masking import mask_name
from signing.domain.party import ROLE_TITLES
from signing.domain.phase import ending_of
from signing.service.core_commands import CoreOpened
from signing.service.core_queries import ChangesPage, CoreCaseSnapshot
from signing.web.views.case import amount_of, personal_link
from signing.wire import core as wire
from signing.wire.case import DocumentState, PartyState, Role


def core_case_view(snapshot: CoreCaseSnapshot) -> wire.CoreCase:
    case = snapshot.case
    return wire.CoreCase(
        case_id=case.case_id,
        case_no=case.case_no,
        reference=snapshot.reference or None,
        branch_id=case.branch_id,
        product_id=case.product_id,
        product_title=case.product_title,
        amount=amount_of(case),
        state=wire.CoreState(snapshot.state),
        state_title=CORE_STATE_TITLES[snapshot.state],
        ending=None if (ending := ending_of(case)) is None else wire.CoreEnding(ending),
        ended_reason=case.abort_reason,
        opened_at=case.opened_at,
        changed_at=snapshot.changed_at,
        parties=_parties(case),
        documents=_documents(case),
        appointments=[appointment_view(one) for one in snapshot.appointments],
        package=_package(case),
    )


def _parties(case: Case) -> list[wire.CoreParty]:
    return [
        wire.CoreParty(
            party_id=party.party_id,
            role=Role(party.role),
            role_title=ROLE_TITLES[party.role],
            name_masked=mask_name(party.name),
            state=PartyState(party.state),
        )
        for party in case.parties
    ]


def _documents(case: Case) -> list[wire.CoreDocument]:
    return [
        wire.CoreDocument(
            document_id=document.document_id,
            kind=document.kind,
            title=document.title,
            pages=document.pages,
            state=DocumentState(document.state),
            frozen_sha256=document.frozen_sha256,
            current_sha256=document.current_sha256,
        )
        for document in case.documents
    ]


def _package(case: Case) -> wire.CorePackage | None:
    found = case.package
    return None if found is None else wire.CorePackage(sha256=found.sha256, size=found.size, closed_at=found.closed_at)


def appointment_view(one: Appointment) -> wire.CoreAppointment:
    return wire.CoreAppointment(
        appointment_id=one.appointment_id,
        party_id=one.party_id,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        cancelled_at=one.cancelled_at,
    )


def core_cases_view(page: ChangesPage) -> wire.CoreCases:
    return wire.CoreCases(cases=[core_case_view(one) for one in page.cases], next_cursor=page.cursor, more=page.more)


def core_opened_view(opened: CoreOpened, base_url: str) -> wire.CoreCaseOpened:
    return wire.CoreCaseOpened(
        case_id=opened.case_id,
        case_no=opened.case_no,
        reference=opened.reference or None,
        opened_at=opened.opened_at,
        invitations=[
            wire.CoreInvitation(
                party_id=one.party_id,
                role=Role(one.role),
                name_masked=one.name_masked,
                url=personal_link(base_url, one.capability),
                expires_at=opened.links_expire_at,
            )
            for one in opened.invited
        ],
    )
