"""The evidence record beside a closed package: time-stamps that take over what an older one proves before its
certificate or its digest weakens (RFC 4998). The package itself never changes.

``NAME.asice.ers`` is an EvidenceRecord in DER. Each renewal is a chain of its own with one time-stamp (5.3, hash-tree
renewal), over ``H(H(package) + H(all chains before))``, of the first ``H(package)``, ``H`` being the digest that its
time-stamp names; one time-stamp may cover many packages by a reduced hash tree (4.2). A token carries its path of
certificates and, made at the same time, the revocation lists by which it and the one before it are judged; the next
renewal covers them.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signing.domain.readable import Readable, chunks_of
from signing.evidence.core.book import Book, Mismatch
from signing.evidence.core.cms import BadSignature, Token, check_one_spelling, check_token, read_token
from signing.evidence.core.der import OCTET_STRING, SEQUENCE, DerError, Node, children_of, encode_der, parse_der
from signing.evidence.core.trust import Trust, beijing_day, good_until
from signing.evidence.core.x509 import Certificate, Lapsed, RevocationList, read_revocation_list, verify_with

RECORD = "归档续期记录"
RECORD_ENDING = ".ers"
LARGEST_RECORD = 4_000_000
MOST_BRANCHES = 32
MOST_AHEAD = timedelta(minutes=5)
RECORD_DIGESTS = {"sha256": "01", "sha384": "02", "sha512": "03"}
"""Last byte of the object identifier 2.16.840.1.101.3.4.2.n."""


@dataclass(frozen=True)
class Renewal:
    """``tree``: for each level the digests beside the one that is reckoned (``reducedHashtree``); none where the
    time-stamp covers one package alone. ``raw``: the chain as it stands in the record."""

    token: Token
    tree: tuple[tuple[bytes, ...], ...]
    raw: bytes

    @property
    def lists(self) -> tuple[RevocationList, ...]:
        return tuple(read_revocation_list(der) for der in self.token.data.lists)


def write_record(chains: Sequence[bytes], hash_names: Iterable[str]) -> bytes:
    """EvidenceRecord of these chains, DER; ``hash_names`` of their time-stamps."""
    ends = sorted({RECORD_DIGESTS[name] for name in hash_names})
    known = b"".join(encode_der(SEQUENCE, bytes.fromhex("06096086480165030402" + end)) for end in ends)
    parts = b"\x02\x01\x01" + encode_der(SEQUENCE, known) + encode_der(SEQUENCE, b"".join(chains))
    return encode_der(SEQUENCE, parts)


def write_chain(token: bytes, tree: Sequence[Sequence[bytes]] = ()) -> bytes:
    """ArchiveTimeStampChain with one time-stamp."""
    levels = (
        encode_der(SEQUENCE, b"".join(encode_der(OCTET_STRING, digest) for digest in sorted(level))) for level in tree
    )
    reduced = encode_der(0xA2, b"".join(levels)) if tree else b""
    return encode_der(SEQUENCE, encode_der(SEQUENCE, reduced + token))


def read_record(der: bytes) -> tuple[Renewal, ...]:
    """Oldest first. Raises ``ValueError`` for anything but what ``write_record`` makes."""
    if len(der) > LARGEST_RECORD:
        raise Mismatch("续期记录过大")
    fields = children_of(parse_der(der), count=3)
    found = tuple(_read_chain(node) for node in children_of(fields[2]))
    if not found or write_record([one.raw for one in found], [one.token.hash_name for one in found]) != der:
        raise DerError("not an evidence record as it is written")
    return found


def _read_chain(node: Node) -> Renewal:
    (stamp,) = children_of(node, count=1)
    parts = list(children_of(stamp))
    tree = _read_tree(parts.pop(0)) if len(parts) == 2 else ()
    if len(parts) != 1:
        raise DerError("archive time-stamp")
    found = Renewal(read_token(parts[0].raw, with_lists=True), tree, node.raw)
    if write_chain(parts[0].raw, tree) != node.raw:
        raise DerError("archive time-stamp as it is not written")
    return found


def _read_tree(node: Node) -> tuple[tuple[bytes, ...], ...]:
    levels = children_of(node, 0xA2)
    if not 0 < len(levels) <= MOST_BRANCHES:
        raise DerError("reduced hash tree")
    return tuple(tuple(one.expect(OCTET_STRING).body for one in children_of(level)) for level in levels)


def leaf_of(package_digest: bytes, before: Sequence[bytes], hash_name: str) -> bytes:
    """What a renewal is over: the package and all chains before it. ``package_digest`` is of the same hash."""
    if not before:
        return package_digest
    chains = hashlib.new(hash_name, encode_der(SEQUENCE, b"".join(before))).digest()
    return hashlib.new(hash_name, package_digest + chains).digest()


def root_of(leaf: bytes, tree: Sequence[Sequence[bytes]], hash_name: str) -> bytes:
    """RFC 4998, 4.3: the leaf stands in the first list, what is reckoned of one list joins the next. Raises
    ``BadSignature``."""
    if tree and leaf not in tree[0]:
        raise BadSignature("续期的时间戳盖的不是这个证据包和之前的续期")
    reckoned = leaf
    for level in tree:
        group = sorted({reckoned, *level})
        reckoned = hashlib.new(hash_name, b"".join(group)).digest()
    return reckoned


def package_digest(package: Readable, hash_name: str) -> bytes:
    whole = hashlib.new(hash_name)
    for chunk in chunks_of(package):
        whole.update(chunk)
    return whole.digest()


def made_by(renewals: Sequence[Renewal], now: datetime) -> tuple[Sequence[Renewal], Sequence[Renewal]]:
    """Those made until ``now``, and the rest."""
    late = (index for index, one in enumerate(renewals) if one.token.at > now + MOST_AHEAD)
    count = next(late, len(renewals))
    return renewals[:count], renewals[count:]


def check_renewals(
    package: Readable, first: Token, renewals: Sequence[Renewal], trust: Trust, book: Book, now: datetime
) -> None:
    """Each renewal covers the package and all before it, was made while the one before it held, and held itself until
    the next, the last one until ``now`` (ETSI EN 319 102-1, 5.6.2: proofs of existence)."""
    digests, until = _digests(package, renewals), first.at
    for index, one in enumerate(renewals):
        name = f"{RECORD}（第 {index + 1} 次）"
        before, after = renewals[:index], renewals[index + 1 : index + 2]
        with book.blaming(name):
            _check_follows(one, before, first, digests, trust)
            until = _check_renewal(one, before[-1:], after, trust, book, now)
            book.timestamps += 1
            book.good(name, f"“{one.token.data.signer.title}”于 {beijing_day(one.token.at)} 加盖")
    book.renewed = f"，归档时间戳续期 {len(renewals)} 次，至 {beijing_day(until)}"


def check_later(
    package: Readable, first: Token, renewals: Sequence[Renewal], later: Sequence[Renewal], trust: Trust, book: Book
) -> Iterator[tuple[str, str]]:
    """Those made after the moment that is judged by prove nothing about it, and are nobody's alteration as long as they
    cover what they should. → name and day of each that does."""
    chains = (*renewals, *later)
    digests = _digests(package, later)
    for index in range(len(renewals), len(chains)):
        name, one = f"{RECORD}（第 {index + 1} 次）", chains[index]
        with book.blaming(name):
            _check_follows(one, chains[:index], first, digests, trust)
            yield name, beijing_day(one.token.at)


def _digests(package: Readable, renewals: Sequence[Renewal]) -> dict[str, bytes]:
    return {name: package_digest(package, name) for name in {one.token.hash_name for one in renewals}}


def _check_follows(
    one: Renewal, before: Sequence[Renewal], first: Token, digests: Mapping[str, bytes], trust: Trust
) -> None:
    leaf = leaf_of(digests[one.token.hash_name], [row.raw for row in before], one.token.hash_name)
    _check_covers(one, leaf, trust)
    if one.token.at <= (before[-1].token.at if before else first.at):
        raise Mismatch("续期的时间不晚于它要续的时间戳")


def _check_covers(one: Renewal, leaf: bytes, trust: Trust) -> None:
    check_one_spelling(one.token.data)
    check_token(one.token, trust.crypto)
    if root_of(leaf, one.tree, one.token.hash_name) != one.token.imprint:
        raise BadSignature("续期的时间戳盖的不是这个证据包和之前的续期")


def _check_renewal(
    one: Renewal, before: Sequence[Renewal], after: Sequence[Renewal], trust: Trust, book: Book, now: datetime
) -> datetime:
    """→ until when its certificates hold."""
    lists = (*one.lists, *(row for later in after for row in later.lists))
    known = trust.with_lists(lists)
    try:
        known.check_timestamper(one.token, book, after[0].token.at if after else now)
    except Lapsed as error:
        late = after and f"，下一次续期（{beijing_day(after[0].token.at)}）做得太晚"
        raise Lapsed(f"{error}{late or '，之后没有再续期'}") from None
    path = known.path(one.token.data, one.token.at, book)
    older = (certificate for row in before for certificate in row.token.data.certificates)
    _check_lists(one, [*path, *older, *trust.pool, *trust.roots], trust)
    return good_until(path)


def _check_lists(one: Renewal, issuers: Sequence[Certificate], trust: Trust) -> None:
    """A list that nobody signed would be bytes that nothing vouches for. Raises ``Mismatch``."""
    for row in one.lists:
        named = [by for by in issuers if by.subject == row.issuer]
        if not any(verify_with(trust.crypto, by, row.algorithm, row.tbs, row.signature) for by in named):
            raise Mismatch("续期记录里的吊销列表不是证书的签发者签的")
