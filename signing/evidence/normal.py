"""One spelling for the last token of a package, so that the verifier need accept no other.

The names of the algorithms in a token stand outside its signature: ``sha256`` with or without NULL parameters, and
``rsaEncryption`` or ``sha256WithRSAEncryption``, mean the same; and of an
ECDSA signature (r, s), (r, n - s) is as good. Anybody could swap one for the other unseen.
"""

from collections.abc import Sequence

from signing.evidence.core.cms import ALGORITHM_PROTECTION, SignedData, read_signed_data, small_s
from signing.evidence.core.der import NULL, OCTET_STRING, SEQUENCE, SET, Node, encode_der, parse_der
from signing.evidence.core.x509 import ECDSA, RSA

RSA_ENCRYPTION = bytes.fromhex("06092a864886f70d010101") + bytes([NULL, 0])


def normal_token(der: bytes, certificates: Sequence[bytes] | None = None, lists: Sequence[bytes] = ()) -> bytes:
    """The same token as ``check_one_spelling`` wants it. Raises ``DerError`` for what is no strict DER token.

    ``certificates`` take the place of those it carries, ``lists`` (CRLs) are put in beside them; its signature is not
    over either. All DER.
    """
    data = read_signed_data(der)
    kind, wrapped = parse_der(der).children
    version, _, content, carried, signers = wrapped.children[0].children
    digest, algorithm = _algorithms(data)
    info = signers.children[0].children
    signer = _join(SEQUENCE, [*_raws(info[:2]), digest, info[3].raw, algorithm, _signature(data), *_raws(info[6:])])
    chain = carried.raw if certificates is None else _join(0xA0, sorted(certificates))
    beside = [_join(0xA1, sorted(lists))] if lists else []
    inner = [version.raw, encode_der(SET, digest), content.raw, chain, *beside, encode_der(SET, signer)]
    return _join(SEQUENCE, [kind.raw, encode_der(0xA0, _join(SEQUENCE, inner))])


def _algorithms(data: SignedData) -> tuple[bytes, bytes]:
    if ALGORITHM_PROTECTION in data.signed:
        return data.digest.raw, data.named_algorithm.raw
    digest = encode_der(SEQUENCE, data.digest.children[0].raw)
    return digest, encode_der(SEQUENCE, RSA_ENCRYPTION) if data.signer.key_kind == RSA else data.named_algorithm.raw


def _signature(data: SignedData) -> bytes:
    value = small_s(data.signer, data.signature) if data.signer.key_kind == ECDSA else data.signature
    return encode_der(OCTET_STRING, value)


def _raws(nodes: Sequence[Node]) -> list[bytes]:
    return [node.raw for node in nodes]


def _join(tag: int, parts: Sequence[bytes]) -> bytes:
    return encode_der(tag, b"".join(parts))
