"""Who a customer is."""

from signing.domain.events.base import Happening, at, of
from signing.domain.masking import mask_id_number, mask_name
from signing.domain.party import CardSide, FaceComparison, IdentityDecision, NationalIdAnswer, Party

SIDE_TITLES = {"front": "人像面", "back": "国徽面"}


def card_read(party: Party, card: CardSide) -> Happening:
    return of(
        party,
        "identity.card_read",
        side=card.side,
        side_title=SIDE_TITLES[card.side],
        captured_at=at(card.captured_at),
        image_sha256=card.image_sha256,
        readable=card.readable,
        name=mask_name(card.fields.get("name", "")),
        number=mask_id_number(card.fields.get("number", "")),
        valid_until=card.fields.get("valid_until", ""),
        checksum_ok=card.checksum_ok,
        name_matches=card.name_matches,
        number_matches=card.number_matches,
        validity_ok=card.validity_ok,
        warnings=list(card.warnings),
    )


def national_id_checked(party: Party, answer: NationalIdAnswer) -> Happening:
    return of(party, "identity.national_id", matches=answer.matches, message=answer.message, stand_in=answer.stand_in)


def face_compared(party: Party, face: FaceComparison) -> Happening:
    return of(
        party,
        "identity.snapshot",
        captured_at=at(face.captured_at),
        image_sha256=face.image_sha256,
        faces=face.faces,
        quality=face.quality,
        quality_issues=list(face.quality_issues),
        distance=face.distance,
        advice=face.advice,
        warnings=list(face.warnings),
    )


def identity_decided(party: Party, decision: IdentityDecision, doubts: list[str]) -> Happening:
    kind = "identity.accepted" if decision.accepted else "identity.rejected"
    return of(party, kind, reason=decision.reason, doubts=doubts, by=mask_name(decision.by))
