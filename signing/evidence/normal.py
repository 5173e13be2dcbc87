"""One spelling for the last token of a package, so that the verifier need accept no other.

The names of the algorithms in a token stand outside its signature: ``sha256`` with or without NULL parameters, and
``rsaEncryption`` or ``sha256WithRSAEncryption``, mean the same. Anybody could swap one for the other unseen.
"""

from collections.abc import Sequence

from signing.evidence.core.cms import ALGORITHM_PROTECTION, SignedData, read_signed_data
from signing.evidence.core.der import NULL, SEQUENCE, SET, Node, encode_der, parse_der
from signing.evidence.core.x509 import RSA

RSA_ENCRYPTION = bytes.fromhex("06092a864886f70d010101") + bytes([NULL, 0])


def normal_token(der: bytes) -> bytes:
    """The same token as ``check_one_spelling`` wants it. Raises ``DerError`` for what is no strict DER token."""
    data = read_signed_data(der)
    if ALGORITHM_PROTECTION in data.signed:
        return der
    kind, wrapped = parse_der(der).children
    version, _, content, certificates, signers = wrapped.children[0].children
    digest = encode_der(SEQUENCE, data.digest.children[0].raw)
    info = signers.children[0].children
    signer = _join(SEQUENCE, [*_raws(info[:2]), digest, info[3].raw, _algorithm(data), *_raws(info[5:])])
    inner = [version.raw, encode_der(SET, digest), content.raw, certificates.raw, encode_der(SET, signer)]
    return _join(SEQUENCE, [kind.raw, encode_der(0xA0, _join(SEQUENCE, inner))])


def _algorithm(data: SignedData) -> bytes:
    if data.signer.key_kind == RSA:
        return encode_der(SEQUENCE, RSA_ENCRYPTION)
    return data.named_algorithm.raw


def _raws(nodes: Sequence[Node]) -> list[bytes]:
    return [node.raw for node in nodes]


def _join(tag: int, parts: Sequence[bytes]) -> bytes:
    return encode_der(tag, b"".join(parts))
