"""Where a signing key is held, behind one asynchronous port: here, in a PKCS#12 file, in an HSM, or at a CA.

Whatever holds the key sees a digest and nothing of the document.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import pkcs12

from signing.adapters.pki.tsa import to_asn1
from signing.adapters.signer.cms import CadesSigner
from signing.domain.errors import InputError, OutsideError

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
_DIGEST = Prehashed(SHA256())
UNSEALED = "文书没有签章，恢复后会自动再试"


class KeyHolder(Protocol):
    """``chain``: the certificates between the signer's and the root, and the root."""

    @property
    def certificate(self) -> x509.Certificate: ...

    @property
    def chain(self) -> Sequence[x509.Certificate]: ...

    async def sign_digest(self, digest: bytes) -> bytes:
        """A DER ECDSA or PKCS#1 v1.5 signature over a SHA-256 digest. Raises ``OutsideError``."""
        ...

    async def revocation_lists(self) -> Sequence[bytes]:
        """Fresh CRLs (DER) for the chain; none where the chain is our own CA's. Raises ``OutsideError``."""
        ...


class FileKey:
    """A key loaded once from a PKCS#12 file and kept in memory."""

    def __init__(
        self,
        key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
        certificate: x509.Certificate,
        chain: Sequence[x509.Certificate],
        lists: Sequence[bytes] = (),
    ) -> None:
        self._key, self.certificate, self.chain, self._lists = key, certificate, tuple(chain), tuple(lists)

    @classmethod
    def open(cls, path: Path, passphrase: bytes, lists: Sequence[bytes] = ()) -> "FileKey":
        """Raises ``InputError`` for a file that is not there, not PKCS#12, or under another passphrase."""
        try:
            key, certificate, others = pkcs12.load_key_and_certificates(path.read_bytes(), passphrase)
        except (OSError, ValueError) as error:
            raise InputError(f"不能打开印章密钥文件 {path}", "请检查文件和口令文件") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) or certificate is None:
            raise InputError(f"{path} 里没有可用的密钥和证书", "请用含有私钥、证书和证书链的 PKCS#12 文件")
        return cls(key, certificate, others, lists)

    async def sign_digest(self, digest: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return await asyncio.to_thread(self._key.sign, digest, padding.PKCS1v15(), _DIGEST)
        return self._key.sign(digest, ec.ECDSA(_DIGEST))

    async def revocation_lists(self) -> Sequence[bytes]:
        return self._lists


def public_key(certificate: x509.Certificate) -> PublicKey:
    """Raises ``InputError`` for an algorithm that nobody here signs with."""
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise InputError("印章证书的算法不受支持", "请使用 RSA 或 NIST 椭圆曲线的证书")
    return key


def require_signature(certificate: x509.Certificate, digest: bytes, signature: bytes) -> None:
    """What came from outside must fit what was sent. Raises ``OutsideError``."""
    key = public_key(certificate)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, digest, padding.PKCS1v15(), _DIGEST)
        else:
            key.verify(signature, digest, ec.ECDSA(_DIGEST))
    except InvalidSignature as error:
        raise OutsideError("签名服务返回的签名与所送的摘要不符，没有采用", UNSEALED) from error


class HeldSigner(CadesSigner):
    """pyHanko's ``Signer`` over any holder."""

    def __init__(self, holder: KeyHolder) -> None:
        self._holder = holder
        super().__init__(to_asn1(holder.certificate), [to_asn1(certificate) for certificate in holder.chain])

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        key = public_key(self._holder.certificate)
        if dry_run:
            return bytes(key.key_size // 8 if isinstance(key, rsa.RSAPublicKey) else 2 * (key.key_size // 8) + 9)
        assert digest_algorithm == "sha256"
        return await self._holder.sign_digest(hashlib.sha256(data).digest())
