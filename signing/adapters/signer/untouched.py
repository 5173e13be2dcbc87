"""Whether a paper that is to be sealed is what its signers left, by the cryptography alone.

``revisions`` asks what each later revision did to what was signed, which takes a tenth of a second and more. Here that
question does not arise: every byte after the frozen part lies in a revision that a signature of our own covers to its
end, and we made each of them ourselves. So it is enough that there is nothing but such revisions, one for one.
"""

import hashlib
from collections.abc import Iterator, Sequence

from signing.adapters.signer.judging import BROKEN
from signing.adapters.signer.revision import frozen_part
from signing.evidence.core.binding import read_binding
from signing.evidence.core.book import Book
from signing.evidence.core.pdf import BYTE_RANGE, check_pdf
from signing.evidence.core.trust import Trust, UnusableTrust, read_roots
from signing.evidence.core.x509 import Certificate, read_certificate
from signing.evidence.verify import LibraryCrypto


def changes(pdf: bytes, revisions: int, roots_pem: bytes, pool: Sequence[bytes]) -> list[str]:
    """What is wrong with a paper that all its customers signed and nobody sealed, in words; nothing where it is good.

    ``revisions``: as a PDF library counts them, the frozen part too. ``pool``: DER of the certificates between the
    roots and the signers'. Never raises on a broken document.
    """
    try:
        trust = Trust(tuple(read_roots(roots_pem)), tuple(map(read_certificate, pool)), (), LibraryCrypto())
        signers, _ = check_pdf(pdf, trust, Book())
        return list(_faults(pdf, revisions, signers))
    except (*BROKEN, LookupError, UnusableTrust) as error:
        return [str(error) or type(error).__name__]


def _faults(pdf: bytes, revisions: int, signers: list[Certificate]) -> Iterator[str]:
    frozen = frozen_part(pdf)
    digest = hashlib.sha256(frozen).hexdigest()
    bound = [read_binding(certificate) for certificate in signers]
    if not all(one is not None and one.document == digest for one in bound):
        yield "有签名不是当事人为这份文书所作"
    ends = [int(found[3]) + int(found[4]) for found in BYTE_RANGE.finditer(pdf)]
    if ends != sorted(set(ends)) or ends[0] <= len(frozen) or revisions != len(ends) + 1:
        yield "有一次修订不属于任何签名"
