"""What is known about who a customer is."""

from signing.domain import party as domain
from signing.domain.masking import mask_id_number, mask_name
from signing.wire.case import CardCheck, CardSide, FaceCheck, IdentityDecision, IdentityView, NationalIdCheck


def card_check(card: domain.CardSide) -> CardCheck:
    """The reading of one side; name and number masked."""
    fields = card.fields
    return CardCheck(
        side=CardSide(card.side),
        captured_at=card.captured_at,
        readable=card.readable,
        name_masked=mask_name(fields.get("name", "")),
        number_masked=mask_id_number(fields.get("number", "")),
        checksum_ok=card.checksum_ok,
        name_matches=card.name_matches,
        number_matches=card.number_matches,
        valid_until=fields.get("valid_until", ""),
        validity_ok=card.validity_ok,
        warnings=list(card.warnings),
        image_sha256=card.image_sha256,
    )


def face_check(face: domain.FaceComparison) -> FaceCheck:
    return FaceCheck(
        captured_at=face.captured_at,
        image_sha256=face.image_sha256,
        faces=face.faces,
        quality=face.quality,
        quality_issues=list(face.quality_issues),
        distance=face.distance,
        advice=face.advice,
        warnings=list(face.warnings),
    )


def identity_view(identity: domain.Identity) -> IdentityView:
    return IdentityView(
        front=card_check(identity.front) if identity.front else None,
        back=card_check(identity.back) if identity.back else None,
        face=face_check(identity.face) if identity.face else None,
        national_id=_national_id(identity.national_id),
        decision=_decision(identity.decision),
    )


def _national_id(answer: domain.NationalIdAnswer | None) -> NationalIdCheck | None:
    if answer is None:
        return None
    return NationalIdCheck(matches=answer.matches, message=answer.message, stand_in=answer.stand_in)


def _decision(decision: domain.IdentityDecision | None) -> IdentityDecision | None:
    if decision is None:
        return None
    return IdentityDecision(accepted=decision.accepted, reason=decision.reason, by=decision.by, at=decision.at)
