"""Registered seals and their uses as messages."""

from collections.abc import Mapping
from datetime import datetime

from signing.domain.masking import mask_name
from signing.domain.seals import KIND_TITLES, RegisteredSeal, SealUse
from signing.service.registry import Registry
from signing.wire.seals import SealRegistry, SealUseView, SealView


def registry_view(registry: Registry, now: datetime) -> SealRegistry:
    seals = [_seal(seal, registry.titles, now) for seal in registry.seals]
    return SealRegistry(seals=seals, uses=[_use(use) for use in registry.uses])


def _seal(seal: RegisteredSeal, titles: Mapping[str, str], now: datetime) -> SealView:
    return SealView(
        seal_id=seal.seal_id,
        kind=seal.kind.value,
        kind_title=KIND_TITLES[seal.kind],
        text=seal.text,
        number=seal.number,
        custodian=seal.custodian,
        valid_from=seal.valid_from,
        valid_until=seal.valid_until,
        documents=list(seal.documents),
        document_titles=[titles[kind] for kind in seal.documents],
        second_above=None if seal.second_above is None else str(seal.second_above),
        state_title=seal.state_title(now),
        retired_reason=seal.retired_reason,
        suspended_at=seal.suspended_at,
        suspended_by=seal.suspended_by,
        suspended_reason=seal.suspended_reason,
    )


def _use(use: SealUse) -> SealUseView:
    return SealUseView(
        at=use.at,
        seal_id=use.seal_id,
        case_id=use.case_id,
        case_no=use.case_no,
        document_title=use.document_title,
        by=mask_name(use.by),
        approved_by=mask_name(use.approved_by) if use.approved_by else "",
        sha256=use.sha256,
        refused=use.refused,
    )
