"""Whom the verifier believes, and the check of one signature or time-stamp from its bytes up to a root."""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from signing.domain.readable import Readable, whole_of
from signing.evidence.core.book import Book, Means
from signing.evidence.core.cms import (
    SignedData,
    Token,
    check_imprint,
    check_may_seal,
    check_may_sign,
    check_no_strangers,
    check_signed_data,
    check_timestamper,
    check_token,
    read_signed_data,
    read_token,
)
from signing.evidence.core.x509 import (
    Certificate,
    Crypto,
    Lapsed,
    RevocationList,
    build_path,
    check_revocation,
    read_certificate,
    read_pem,
    read_revocation_list,
    write_pem,
)

CERTIFICATES, REVOCATION = "certificates/", "revocation/"


class UnusableTrust(Exception):
    """Raised where the roots a person gave cannot be used; the message is for people."""


@dataclass(frozen=True)
class Trust:
    """``pool`` holds every certificate that may serve as a link; ``roots`` are believed."""

    roots: tuple[Certificate, ...]
    pool: tuple[Certificate, ...]
    lists: tuple[RevocationList, ...]
    crypto: Crypto

    def check_signature(self, der: bytes, content: bytes | memoryview, at: datetime, book: Book) -> SignedData:
        """The service's detached CAdES-B signature, good at ``at``. Raises ``ValueError``."""
        data = read_signed_data(der)
        check_may_seal(data.signer)
        check_signed_data(data, content, self.crypto)
        self.check_signer(data, at, book)
        return data

    def check_signer(self, data: SignedData, at: datetime, book: Book) -> None:
        """That the signer leads to a root, and that nobody else is in the signature. Raises ``ValueError``."""
        check_may_sign(data.signer)
        path = self.path(data, at, book)
        check_no_strangers(data, path)

    def check_timestamp(
        self, der: bytes, content: bytes | memoryview, book: Book, until: datetime | None = None
    ) -> Token:
        """A token over ``content``, by somebody who may make one. ``until``: when the next time-stamp took over what it
        proves. Raises ``ValueError``."""
        token = read_token(der)
        check_token(token, self.crypto)
        check_imprint(token, content)
        self.check_timestamper(token, book, until)
        return token

    def check_timestamper(self, token: Token, book: Book, until: datetime | None = None) -> None:
        """Raises ``ValueError``; ``Lapsed`` where it was good when it was made, and no longer at ``until``."""
        check_timestamper(token.data.signer)
        path = self.path(token.data, token.at, book, until)
        check_no_strangers(token.data, path)
        if until is not None and good_until(path) < until:
            raise Lapsed(f"证书已于 {beijing_day(good_until(path))} 到期")

    def path(self, data: SignedData, at: datetime, book: Book, until: datetime | None = None) -> list[Certificate]:
        path = build_path(data.signer, [*data.certificates, *self.pool], self.roots, at, self.crypto)
        for title in check_revocation(path, self.lists, at, self.crypto, until):
            book.skip(f"没有可用的吊销列表，未核对证书“{title}”是否被吊销")
        return path

    def with_roots(self, certificates: Iterable[Certificate]) -> "Trust":
        """Those of them that issued themselves are believed too."""
        more = dict.fromkeys(row.raw for row in certificates if row.issuer == row.subject)
        known = {row.raw for row in self.roots}
        return replace(self, roots=(*self.roots, *(read_certificate(raw) for raw in more if raw not in known)))

    def with_lists(self, lists: Iterable[RevocationList]) -> "Trust":
        return replace(self, lists=(*lists, *self.lists))


def good_until(path: Sequence[Certificate]) -> datetime:
    """When the first certificate of a path runs out."""
    return min(row.not_after for row in path)


def beijing_day(at: datetime) -> str:
    return f"{at.astimezone(UTC) + timedelta(hours=8):%Y-%m-%d}"


def gather_trust(entries: Mapping[str, Readable], means: Means, book: Book) -> Trust:
    """Reads ``certificates/`` and ``revocation/``; a file among them that cannot be read is a bad item."""
    pool: list[Certificate] = []
    lists: list[RevocationList] = []
    for name, data in entries.items():
        with book.blaming(name):
            if name.startswith(CERTIFICATES):
                pool += [read_certificate(der) for der in read_pem(whole_of(data), "CERTIFICATE")]
            elif name.startswith(REVOCATION):
                lists += [read_revocation_list(der) for der in _crl_der(whole_of(data))]
    if means.trust is None:
        book.skip("根证书取自包内，未与您信任的根证书比对（可用 --trust 指定）")
        roots = [row for row in pool if row.issuer == row.subject]
    else:
        roots, book.own_roots = read_roots(means.trust), True
    return Trust(tuple(roots), tuple(pool), tuple(lists), means.crypto)


def read_roots(pem: bytes) -> list[Certificate]:
    """The certificates of a trust file a person gives; text around the blocks is allowed,
    and certificates that are no roots are passed over.

    Raises ``UnusableTrust`` where there is none.
    """
    blocks = re.findall(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----", pem)
    try:
        roots = [read_certificate(base64.b64decode(b"".join(block.split()), validate=True)) for block in blocks]
    except (ValueError, LookupError):
        roots = []
    roots = [root for root in roots if root.issuer == root.subject]
    if not roots:
        raise UnusableTrust("指定的文件里没有可用的根证书（需要 PEM 格式）")
    return roots


def only_roots(pem: bytes) -> bytes:
    """PEM of the roots in a trust file and of nothing else: a key beside them is no library's business.

    Raises ``UnusableTrust`` where there is none.
    """
    return b"".join(write_pem(root.raw, "CERTIFICATE") for root in read_roots(pem))


def embedded_roots(entries: Mapping[str, Readable]) -> bytes:
    """PEM of the self-issued certificates in ``certificates/``; what cannot be read is passed over."""
    found = []
    for name, data in entries.items():
        with suppress(ValueError, LookupError):
            if name.startswith(CERTIFICATES):
                found += [read_certificate(der) for der in read_pem(whole_of(data), "CERTIFICATE")]
    return b"".join(write_pem(row.raw, "CERTIFICATE") for row in found if row.issuer == row.subject)


def _crl_der(data: bytes) -> list[bytes]:
    return read_pem(data, "X509 CRL") if data.startswith(b"-----") else [data]
