"""Page images of documents: clamped in width, rendered once, kept for a while."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from signing.domain.case import party_of
from signing.domain.errors import NotFound
from signing.domain.phone_step import documents_of
from signing.service.bus import Bus
from signing.service.commands import Actor
from signing.service.ports import FieldPlace, PageImages
from signing.service.queries import Queries, document_of
from signing.service.services import Services

NARROWEST, WIDEST = 320, 1600
CACHE_BYTES = 64 << 20
PLACES_KEPT = 2_000

Key = tuple[str, int, int]


@dataclass
class PageCache:
    """Keyed by the frozen document's digest, so that what is kept can never be out of date."""

    bus: Bus
    queries: Queries
    services: Services
    renderer: PageImages
    _kept: OrderedDict[Key, bytes] = field(default_factory=OrderedDict)
    _size: int = 0
    _coming: dict[Key, asyncio.Task[bytes]] = field(default_factory=dict)
    _places: OrderedDict[tuple[str, str], FieldPlace] = field(default_factory=OrderedDict)

    async def get(self, actor: Actor, document_id: str, number: int, width: int) -> bytes:
        """One page of a document this customer signs. Raises ``NotFound``."""
        case_id, sha256 = await self.bus.run(self._frozen, actor, document_id, number)
        key = (sha256, number, min(max(width, NARROWEST), WIDEST))
        if (kept := self._kept.get(key)) is not None:
            return kept
        if key not in self._coming:
            self._coming[key] = asyncio.create_task(self._made(case_id, key))
        return await asyncio.shield(self._coming[key])

    async def _made(self, case_id: str, key: Key) -> bytes:
        """For all who ask for it meanwhile: where it fails it fails for all at once, not for one after the other."""
        sha256, number, width = key
        try:
            pdf = await self.bus.fetch(self.services.blobs.get, case_id, sha256)
            made = await self.renderer.render(pdf, number, width)
            self._keep(key, made)
        finally:
            del self._coming[key]
        return made

    async def place(self, actor: Actor, document_id: str) -> FieldPlace:
        """Where this customer's signature will stand. Raises ``NotFound``."""
        case_id, sha256, field = await self.bus.run(self._field, actor, document_id)
        if (known := self._places.get((sha256, field))) is not None:
            return known
        pdf = await self.bus.fetch(self.services.blobs.get, case_id, sha256)
        found = await self.renderer.find(pdf, field)
        if found is None:
            raise NotFound("这份文件上没有找到您的签名处")
        self._places[sha256, field] = found
        while len(self._places) > PLACES_KEPT:
            self._places.popitem(last=False)
        return found

    def _field(self, actor: Actor, document_id: str) -> tuple[str, str, str]:
        case_id, sha256 = self._frozen(actor, document_id, 1)
        document = document_of(self.queries.phone(actor).case, document_id)
        return case_id, sha256, document.fields.get(actor.actor_id, actor.actor_id)

    def _frozen(self, actor: Actor, document_id: str, number: int) -> tuple[str, str]:
        phone = self.queries.phone(actor)
        document = document_of(phone.case, document_id)
        if document not in documents_of(phone.case, party_of(phone.case, actor.actor_id)):
            raise NotFound("没有找到这份文件")
        if number > document.pages:
            raise NotFound(f"这份文件只有 {document.pages} 页")
        return phone.case.case_id, document.frozen_sha256

    def _keep(self, key: Key, image: bytes) -> None:
        self._kept[key] = image
        self._size += len(image)
        while self._size > CACHE_BYTES:
            _, dropped = self._kept.popitem(last=False)
            self._size -= len(dropped)
