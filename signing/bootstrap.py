"""The composition root: joins handlers and adapters into one application."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Engine

from signing.adapters import demo_data, reference_file
from signing.adapters.blob_place import folders, open_blobs
from signing.adapters.clock import SystemClock, SystemIds
from signing.adapters.database import SqlDatabase
from signing.adapters.database.backfill import fill_index, seal_words
from signing.adapters.database.belonging import open_keyring
from signing.adapters.database.engine import open_engine
from signing.adapters.database.hints import NotifyHints
from signing.adapters.database.place import address_of, remember
from signing.adapters.database.vault import CaseKeys
from signing.adapters.documents import PaperDocuments, catalogue
from signing.adapters.identity_process import DEMO_PATIENCE, PATIENCE, IdentityProcess
from signing.adapters.keys import KeyedSecrets, Keyring
from signing.adapters.national_id import StandInNationalId
from signing.adapters.pages import PdfiumPages
from signing.adapters.recordings import DecodingRecordingReader, DerivedSpoolKeys
from signing.adapters.room import free_bytes
from signing.adapters.signer import open_signer
from signing.adapters.signer.sealbook import DrawnSeals
from signing.adapters.speech import Espeak
from signing.adapters.tables import FileTables
from signing.adapters.text_messages import StandInTextMessages
from signing.adapters.unattached import NoNationalId, NoTextMessages
from signing.adapters.webhook_sender import HttpWebhookSender
from signing.config import Settings
from signing.domain.beijing import BEIJING
from signing.domain.merkle import LogProof
from signing.domain.product import Product
from signing.domain.reference import Lpr
from signing.evidence.core import log
from signing.evidence.package import AsicPackageBuilder
from signing.evidence.renewing import RenewalRecords
from signing.service import recovery
from signing.service.archiving import ArchiveWorker
from signing.service.bus import Bus
from signing.service.deliveries import DeliveryWorker
from signing.service.handlers import HANDLERS
from signing.service.ports import Clock, NationalId, Signer, TextMessages
from signing.service.queries import Queries
from signing.service.replica import Replica
from signing.service.services import Services

LOG_ORIGIN = "pingqian/service-log"

STAND_INS = (
    "演示：短信由页面显示，没有真正发送",
    "演示：居民身份信息核验为模拟结果",
    "演示：签名证书与时间戳由演示机构签发，不具有法律效力",
)
STAND_IN_CA = "演示：客户的签名证书由演示机构签发，机构印章或时间戳来自替身机构，都不具有法律效力"


COMMON_THREADS = 32
"""For signing, sealing and the beats among services, which wait for others far more than they work; asyncio's own
choice is six on two processors."""


@dataclass
class App:
    """``start`` once on the running loop, ``close`` at the end."""

    settings: Settings
    services: Services
    bus: Bus
    queries: Queries
    pages: PdfiumPages
    engine: Engine
    replica: Replica
    deliveries: DeliveryWorker
    archives: ArchiveWorker
    speech: Espeak = field(default_factory=Espeak)
    """Reads out what the customer's page says."""
    alone: bool = True
    """Whether no other service was there at the start: then this one looks after everything that is left."""
    _resuming: asyncio.Task[None] | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Puts right what a crash left, then dispatches. What takes long goes on behind."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(COMMON_THREADS, "asyncio"))
        self.replica.told.changed = self.bus.changed_elsewhere
        self.replica.told.buried = self._resume
        self.bus.announce = self.replica.hint
        self.alone = await self.replica.start()
        if self.alone:
            await self.bus.run(recovery.reset, self.services)
            await self.bus.run(recovery.index_old, self.services)
        await self.bus.start()
        self.deliveries.start()
        self.archives.start()
        if self.alone:
            self._resume()

    def _resume(self) -> None:
        """What a service that died had begun. Cases that another one works on are found finished, or refused."""
        self._resuming = asyncio.create_task(self._resume_after(self._resuming), name="resume")

    async def _resume_after(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.gather(before, return_exceptions=True)
        await recovery.resume(self.bus)

    async def resumed(self) -> None:
        """Waits until everything that the start took up again is done."""
        if self._resuming is not None:
            await self._resuming

    async def close(self) -> None:
        if self._resuming is not None:
            self._resuming.cancel()
            await asyncio.gather(self._resuming, return_exceptions=True)
        await self.deliveries.close()
        await self.archives.close()
        await self.bus.close()
        await self.replica.close()
        await asyncio.to_thread(self.pages.close)
        if isinstance(self.services.identity, IdentityProcess):
            await asyncio.to_thread(self.services.identity.close)
        self.engine.dispose()


class ProductCatalogue:
    """``Products`` over the TOML files, as they are in effect on the day of ``clock``."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def _today(self) -> date:
        return self._clock.now().astimezone(BEIJING).date()

    def get(self, product_id: str) -> Product:
        return catalogue.product_on(product_id, self._today())

    def all(self) -> Mapping[str, Product]:
        return catalogue.in_effect(self._today())

    def published_lpr(self) -> Sequence[Lpr]:
        return reference_file.published()


class ServiceLog:
    """``EvidenceLog`` over ``signing.evidence``."""

    def entry(self, case_id: str, events: int, head: str) -> bytes:
        return log.log_entry(case_id, events, head)

    def checkpoint(self, proof: LogProof) -> bytes:
        return log.checkpoint_of(LOG_ORIGIN, proof.size, proof.root)

    def inclusion(
        self, entry: bytes, index: int, proof: LogProof, checkpoint: bytes, signature: bytes, timestamp: bytes
    ) -> bytes:
        return log.inclusion_of(entry, index, proof.size, proof.path, checkpoint, signature, timestamp)


def build(settings: Settings, **replacements: Any) -> App:
    """Opens keys and database, migrates, joins the ports. ``replacements`` are fields of ``Services``,
    ``pages`` or ``webhook_sender``."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    address = address_of(settings.data, settings.database_url)
    engine = open_engine(address)
    keyring = open_keyring(settings.data, engine, address)
    remember(settings.data, address)
    keys = CaseKeys(engine, keyring)
    fill_index(engine, keys)
    seal_words(engine, keys)
    database = SqlDatabase(engine, keyring, keys)
    pages = replacements.pop("pages", None) or PdfiumPages()
    sender = replacements.pop("webhook_sender", None) or HttpWebhookSender()
    ports = _ports(settings, engine, keyring, keys, replacements)
    services = Services(
        db=database,
        secrets=KeyedSecrets(keyring),
        limits=replace(settings.limits, factor_roles=frozenset()) if settings.demo else settings.limits,
        base_url=settings.base_url,
        stand_ins=(*(STAND_INS[:2] if settings.demo else ()), _seals_said(ports["signer"])),
        **ports,
    )
    bus = Bus(services, HANDLERS)
    database.on_commit = bus.committed
    hints = NotifyHints(engine) if database.shared and settings.notify else None
    replica = Replica(database, services.ids, hints)
    return App(
        settings,
        services,
        bus,
        Queries(services),
        pages,
        engine,
        replica,
        DeliveryWorker(bus, sender),
        ArchiveWorker(bus),
    )


def _seals_said(signer: Signer) -> str:
    """What of the signatures is a demonstration's, the last of the lines."""
    return STAND_IN_CA if getattr(signer, "outside_is_stand_in", False) else STAND_INS[2]


def _ports(
    settings: Settings, engine: Engine, keyring: Keyring, keys: CaseKeys, replacements: Mapping[str, Any]
) -> dict[str, Any]:
    clock = replacements.get("clock") or SystemClock()
    signer = replacements.get("signer") or open_signer(settings.data / "pki", clock)
    messages: TextMessages = StandInTextMessages(engine, keyring, clock) if settings.demo else NoTextMessages()
    register: NationalId = StandInNationalId(demo_data.ROSTER_PEOPLE) if settings.demo else NoNationalId()
    made: dict[str, Any] = {
        "blobs": open_blobs(settings.data, settings.objects, settings.objects_file, keys.of),
        "clock": clock,
        "ids": SystemIds(),
        "messages": messages,
        "national_id": register,
        "identity": replacements.get("identity") or IdentityProcess(DEMO_PATIENCE if settings.demo else PATIENCE),
        "documents": PaperDocuments(f"{settings.base_url}/check"),
        "products": ProductCatalogue(clock),
        "signer": signer,
        "recordings": DecodingRecordingReader(),
        "spool_keys": DerivedSpoolKeys(keys.of),
        "packages": AsicPackageBuilder(signer),
        "evidence_log": ServiceLog(),
        "records": RenewalRecords(signer),
        "tables": FileTables(),
        "seal_book": DrawnSeals(),
        "free_room": lambda: free_bytes(*folders(settings.data)),
    }
    return {**made, **replacements}


def seed_demo(app: App) -> None:
    """Institution, branch, seat, staff and roster of the demonstration; again: nothing changes."""
    demo_data.seed(app.services.db, app.services.secrets, app.services.clock)
