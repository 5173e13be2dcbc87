"""What a customer's one-time certificate is bound to, held against the events and files of the case.

::

    PingqianBinding ::= SEQUENCE {
        version INTEGER (1), caseNumber UTF8String, fieldName UTF8String,
        documentDigest OCTET STRING, identityEvent OCTET STRING, strokesDigest OCTET STRING, sessionId UTF8String }
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from signing.evidence.core.anchors import Named
from signing.evidence.core.book import Mismatch
from signing.evidence.core.der import OCTET_STRING, children_of, der_integer, parse_der
from signing.evidence.core.x509 import BINDING_EXTENSION, Certificate


@dataclass(frozen=True)
class Bound:
    """Hexadecimal digests."""

    case_no: str
    document: str
    identity: str
    strokes: str


def read_binding(certificate: Certificate) -> Bound | None:
    """None for a certificate that is not a one-time one. Raises ``DerError``."""
    if BINDING_EXTENSION not in certificate.extensions:
        return None
    version, case_no, _, *digests, _ = children_of(parse_der(certificate.extensions[BINDING_EXTENSION][1]), count=7)
    if der_integer(version) != 1:
        raise Mismatch("一次性证书的绑定信息版本不对")
    document, identity, strokes = (node.expect(OCTET_STRING).body.hex() for node in digests)
    return Bound(case_no.body.decode(), document, identity, strokes)


def check_bindings(document: str, signers: Collection[Certificate], named: Named, case_no: str | None) -> int:
    """The number of one-time certificates, all bound to this document, its handwriting and the event of this case
    that accepted their signer's identity. Raises ``Mismatch``."""
    count = 0
    for certificate in signers:
        bound, digest = read_binding(certificate), hashlib.sha256(certificate.raw).hexdigest()
        if bound is not None:
            count += 1
            _check_bound(bound, document, named, case_no)
            if named.people.get(digest) not in (None, named.identities[bound.identity]):
                raise Mismatch("一次性证书绑定的是另一个人的身份核验")
        said = named.bindings.get(digest)
        if said is not None and (bound is None or _extension_digest(certificate) != said):
            raise Mismatch("一次性证书绑定的内容与事件链记录的不一致")
    return count


def _check_bound(bound: Bound, document: str, named: Named, case_no: str | None) -> None:
    if bound.document not in named.documents.get(document, []):
        raise Mismatch("一次性证书绑定的是另一份文件")
    if bound.strokes not in named.strokes:
        raise Mismatch("一次性证书绑定的笔迹不在本案里")
    if bound.identity not in named.identities:
        raise Mismatch("一次性证书绑定的身份核验不在本案的事件链里，或没有通过")
    if case_no not in (None, bound.case_no):
        raise Mismatch("一次性证书是为另一笔业务签发的")


def _extension_digest(certificate: Certificate) -> str:
    return hashlib.sha256(certificate.extensions[BINDING_EXTENSION][1]).hexdigest()
