"""Identifiers in paths, checked before anything is looked up."""

from typing import Annotated

from fastapi import Path

_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"

CaseId = Annotated[str, Path(pattern=_PATTERN)]
PartyId = Annotated[str, Path(pattern=_PATTERN)]
TicketId = Annotated[str, Path(pattern=_PATTERN)]
TransferId = Annotated[str, Path(pattern=_PATTERN)]
AppointmentId = Annotated[str, Path(pattern=_PATTERN)]
SealId = Annotated[str, Path(pattern=_PATTERN)]
SeatId = Annotated[str, Path(pattern=_PATTERN)]
CallId = Annotated[str, Path(pattern=_PATTERN)]
DocumentId = Annotated[str, Path(pattern=_PATTERN)]
RecordingId = Annotated[str, Path(pattern=_PATTERN)]
MediaId = Annotated[str, Path(pattern=_PATTERN)]
SegmentIndex = Annotated[int, Path(ge=0, le=1_000_000)]
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
LookUpCode = Annotated[str, Path(pattern=r"^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$")]
StaffId = Annotated[str, Path(pattern=_PATTERN)]
SessionRef = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
