"""What is chained: types, bodies and Chinese titles of a case's events, by subject.

Bodies hold masked personal data and digests only. ``signing.evidence`` says which keys anchor which file of a package.
"""

from signing.domain.events.base import Body, Happening
from signing.domain.events.calls import (
    call_connected,
    call_dropped,
    call_ended,
    call_handed_over,
    call_joined,
    call_wrapped_up,
    listening_changed,
    party_held,
    party_removed,
    queue_joined,
    queue_left,
    transfer_failed,
    transfer_requested,
    whisper_changed,
)
from signing.domain.events.cases import call_mode_set, case_aborted, case_opened, document_frozen
from signing.domain.events.entry import (
    code_proven,
    code_sent,
    consent_recorded,
    party_invited,
    party_refused,
    precheck_recorded,
)
from signing.domain.events.identity import SIDE_TITLES, card_read, face_compared, identity_decided, national_id_checked
from signing.domain.events.queueing import appointment_cancelled, appointment_made, dialect_chosen
from signing.domain.events.risk import risk_acknowledged, risk_cleared, risk_decided, risk_found
from signing.domain.events.sealing import (
    document_sealed,
    package_closed,
    recording_finished,
    recording_lost,
    recording_read_back,
    recording_started,
    seal_requested,
)
from signing.domain.events.signing import (
    ANSWER_TITLES,
    disclosure_completed,
    document_read,
    document_signed,
    line_answered,
    line_shown,
    page_read,
    party_signed,
)
from signing.domain.events.titles import TITLES, title_of

__all__ = [
    "ANSWER_TITLES",
    "SIDE_TITLES",
    "TITLES",
    "Body",
    "Happening",
    "appointment_cancelled",
    "appointment_made",
    "call_connected",
    "call_dropped",
    "call_ended",
    "call_handed_over",
    "call_joined",
    "call_mode_set",
    "call_wrapped_up",
    "card_read",
    "case_aborted",
    "case_opened",
    "code_proven",
    "code_sent",
    "consent_recorded",
    "dialect_chosen",
    "disclosure_completed",
    "document_frozen",
    "document_read",
    "document_sealed",
    "document_signed",
    "face_compared",
    "identity_decided",
    "line_answered",
    "line_shown",
    "listening_changed",
    "national_id_checked",
    "package_closed",
    "page_read",
    "party_held",
    "party_invited",
    "party_refused",
    "party_removed",
    "party_signed",
    "precheck_recorded",
    "queue_joined",
    "queue_left",
    "recording_finished",
    "recording_lost",
    "recording_read_back",
    "recording_started",
    "risk_acknowledged",
    "risk_cleared",
    "risk_decided",
    "risk_found",
    "seal_requested",
    "title_of",
    "transfer_failed",
    "transfer_requested",
    "whisper_changed",
]
