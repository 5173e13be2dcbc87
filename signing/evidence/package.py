"""Builds the package: ASiC-E with a CAdES signature and an archive time-stamp (ETSI EN 319 162-1)."""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import datetime

from signing.domain.readable import Joined, Readable
from signing.evidence.bundle import standalone_verifier
from signing.evidence.core.container import ASICE, MIMETYPE, pack
from signing.evidence.core.manifest import (
    ARCHIVE,
    MANIFEST,
    SIGNATURE,
    TIMESTAMP,
    Manifest,
    sha256_of,
    write_manifest,
)
from signing.evidence.guide import guide
from signing.evidence.normal import normal_token
from signing.evidence.verify import verify_package
from signing.service.ports import EvidenceParts, Signer
from signing.wire.audit import Verdict


class AsicPackageBuilder:
    """``PackageBuilder``. The same parts give the same bytes up to the signature and the token."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    async def build(self, parts: EvidenceParts, at: datetime) -> Joined:
        """The ASiC-E bytes. Raises ``ValueError`` for unsafe names and above 4 GB, and what the signer raises."""
        objects = await asyncio.to_thread(self._objects, parts, at)
        digests = await asyncio.to_thread(_digests, objects)
        manifest = write_manifest(Manifest(SIGNATURE, digests))
        signature = (await self._signer.sign_evidence(manifest)).der
        digests |= {MANIFEST: sha256_of(manifest), SIGNATURE: sha256_of(signature)}
        archive = write_manifest(Manifest(TIMESTAMP, digests))
        token = normal_token(await self._signer.timestamp(hashlib.sha256(archive).digest()))
        closing = {MANIFEST: manifest, SIGNATURE: signature, ARCHIVE: archive, TIMESTAMP: token}
        return await asyncio.to_thread(pack, {MIMETYPE: ASICE, **objects, **closing})

    def fault(self, package: Readable) -> str:
        """The verdict of ``pingqian verify`` under the signer's own roots; empty where it is valid."""
        report = verify_package(package, self._signer.trust_pem(), self._signer.inspect)
        return "" if report.verdict is Verdict.VALID else report.headline

    def _objects(self, parts: EvidenceParts, at: datetime) -> Mapping[str, Readable]:
        """Everything but ``mimetype`` and ``META-INF``, in the order of the package."""
        events = b"".join(line + b"\n" for line in parts.events)
        files: dict[str, Readable] = {**self._signer.chain_pem(), **parts.files}
        return {
            "case.json": parts.case_json,
            "events.jsonl": events,
            **dict(sorted(files.items())),
            "VERIFY.md": guide(at),
            "verify.py": standalone_verifier(),
        }


def _digests(objects: Mapping[str, Readable]) -> dict[str, bytes]:
    return {name: sha256_of(data) for name, data in objects.items()}
