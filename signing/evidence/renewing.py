"""Makes the evidence records beside closed packages; ``core.renewal`` says what they are."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime

from signing.domain.errors import OutsideError, TamperError
from signing.domain.readable import Readable
from signing.evidence.core.book import Book, Means
from signing.evidence.core.cms import Token, check_timestamper, check_token, read_token
from signing.evidence.core.container import NotAPackage, one_entry
from signing.evidence.core.judge import judge_archive
from signing.evidence.core.manifest import TIMESTAMP
from signing.evidence.core.renewal import (
    Renewal,
    leaf_of,
    package_digest,
    read_record,
    write_chain,
    write_record,
)
from signing.evidence.core.trust import gather_trust
from signing.evidence.core.x509 import Certificate, build_path, check_revocation, read_certificate, read_revocation_list
from signing.evidence.normal import normal_token
from signing.evidence.verify import LibraryCrypto
from signing.service.ports import RenewalStamp, Signer, Standing

HASH = "sha512"
"""Stronger than what the packages themselves use, so that a first renewal is also one of the digest."""


class RenewalRecords:
    """``EvidenceRecords`` by the service's signer."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def until(self, package: Readable) -> datetime:
        """See ``EvidenceRecords``."""
        try:
            return min(row.not_after for row in package_token(package).data.certificates)
        except (NotAPackage, ValueError) as error:
            raise TamperError(f"证据包的归档时间戳读不出来（{error}）", "请从备份恢复这份证据包") from error

    def standing(self, package: Readable, record: bytes, at: datetime) -> Standing:
        """See ``EvidenceRecords``."""
        means = Means(LibraryCrypto(), self._signer.trust_pem(), None, at, record or None)
        try:
            return Standing(*judge_archive(package, means))
        except (NotAPackage, ValueError) as error:
            raise TamperError(f"证据包的归档时间戳读不出来（{error}）", "请从备份恢复这份证据包") from error

    async def renewed(self, packages: Sequence[tuple[Readable, bytes]]) -> Sequence[bytes]:
        """See ``EvidenceRecords``."""
        older = [read_record(record) if record else () for _, record in packages]
        leaves = [
            await asyncio.to_thread(_leaf, package, before)
            for (package, _), before in zip(packages, older, strict=True)
        ]
        root, trees = hash_tree(leaves)
        stamp = await self._signer.renewal(root)
        return await asyncio.to_thread(self._records, packages, older, stamp, trees)

    def _records(
        self,
        packages: Sequence[tuple[Readable, bytes]],
        older: Sequence[Sequence[Renewal]],
        stamp: RenewalStamp,
        trees: Sequence[Sequence[Sequence[bytes]]],
    ) -> list[bytes]:
        path = self._path(stamp)
        records = []
        for (package, _), before, tree in zip(packages, older, trees, strict=True):
            held = before[-1].token if before else package_token(package)
            issuers = {row.issuer for row in (*path, *held.data.certificates, held.data.signer)}
            lists = [der for der in dict.fromkeys(stamp.lists) if read_revocation_list(der).issuer in issuers]
            token = normal_token(stamp.token, [row.raw for row in path], lists)
            chains = [*(one.raw for one in before), write_chain(token, tree)]
            records.append(write_record(chains, [*(one.token.hash_name for one in before), HASH]))
        return records

    def _path(self, stamp: RenewalStamp) -> list[Certificate]:
        """From the token's signer to a root that we believe. Raises ``OutsideError`` where it leads to none."""
        crypto = LibraryCrypto()
        try:
            token = read_token(stamp.token)
            check_token(token, crypto)
            check_timestamper(token.data.signer)
            pool = [read_certificate(der) for der in stamp.certificates]
            roots = gather_trust({}, Means(crypto, self._signer.trust_pem()), Book()).roots
            path = build_path(token.data.signer, [*token.data.certificates, *pool], roots, token.at, crypto)
            check_revocation(path, [read_revocation_list(der) for der in stamp.lists], token.at, crypto)
        except ValueError as error:
            hint = "没有续期；请检查 signing.toml 的 tsa 和 trust"
            raise OutsideError(f"时间戳服务给出的时间戳没有通过核验（{error}）", hint) from error
        return path


def package_token(package: Readable) -> Token:
    """The package's own archive time-stamp. Raises ``ValueError``."""
    return read_token(one_entry(package, TIMESTAMP))


def _leaf(package: Readable, before: Sequence[Renewal]) -> bytes:
    return leaf_of(package_digest(package, HASH), [one.raw for one in before], HASH)


def hash_tree(leaves: Sequence[bytes]) -> tuple[bytes, list[list[list[bytes]]]]:
    """→ the root, and for each leaf its reduced tree (RFC 4998, 4.2): in each level the digests beside its own, in the
    first one its own too. A leaf that stands alone needs none."""
    trees: list[list[list[bytes]]] = [[] for _ in leaves]
    level = [(leaf, [index]) for index, leaf in enumerate(leaves)]
    while len(level) > 1:
        paired = [level[place : place + 2] for place in range(0, len(level), 2)]
        level = [_joined(pair, trees, leaves) for pair in paired]
    return level[0][0], trees


def _joined(
    pair: Sequence[tuple[bytes, list[int]]], trees: list[list[list[bytes]]], leaves: Sequence[bytes]
) -> tuple[bytes, list[int]]:
    """Two nodes as one; an odd one goes up as it is."""
    if len(pair) == 1:
        return pair[0]
    (left, below_left), (right, below_right) = pair
    for below, beside in ((below_left, right), (below_right, left)):
        for index in below:
            trees[index].append([leaves[index], beside] if not trees[index] else [beside])
    group = b"".join(sorted({left, right}))
    return hashlib.new(HASH, group).digest(), below_left + below_right
