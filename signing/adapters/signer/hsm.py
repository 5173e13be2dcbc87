"""A key that never leaves its HSM, reached through PKCS#11 (OASIS PKCS #11 v2.40)."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pkcs11.exceptions import (
    DeviceError,
    DeviceMemory,
    DeviceRemoved,
    FunctionFailed,
    GeneralError,
    NoSuchKey,
    NoSuchToken,
    PKCS11Error,
    SessionCount,
    TokenNotPresent,
)

from signing.adapters.signer.holders import UNSEALED, public_key, require_signature
from signing.adapters.signer.tokens import shared_session
from signing.domain.errors import InputError, OutsideError

SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""DigestInfo of SHA-256 up to the digest (RFC 8017, 9.2): CKM_RSA_PKCS pads, and does not say what was hashed."""


AWAY = (
    DeviceError, DeviceMemory, DeviceRemoved, FunctionFailed, GeneralError, NoSuchToken, SessionCount, TokenNotPresent,
)  # fmt: skip
"""What a module says while its HSM is switched off or not reached; a wrong PIN is not among them."""


class HsmKey:
    """``label`` names private key and certificate on the token; ``certificate`` is given where the token holds the key
    alone. Its session is the token's, opened anew where it was lost."""

    def __init__(
        self,
        module: Path,
        token: str,
        label: str,
        pin: str,
        chain: Sequence[x509.Certificate],
        lists: Sequence[bytes] = (),
        certificate: x509.Certificate | None = None,
    ) -> None:
        """Raises ``InputError`` where there is no such module, key or certificate, ``OutsideError`` where no HSM."""
        self._label, self.chain, self._lists = label, tuple(chain), tuple(lists)
        self._token = shared_session(module, token, pin)
        try:
            with self._token.lock:
                self.certificate = certificate or self._read_certificate()
                self._key()
        except AWAY as error:
            raise OutsideError(f"密码机没有应答（{type(error).__name__}）", UNSEALED) from error
        except NoSuchKey as error:
            hint = "请把私钥导入令牌，或改正 signing.toml 的 label"
            raise InputError(f"密码机里没有标签为 {label} 的私钥", hint) from error
        except (PKCS11Error, RuntimeError, OSError, ValueError) as error:
            hint = "请检查 PKCS#11 模块、令牌名称、密钥标签和 PIN 文件"
            raise InputError(f"不能打开密码机里的印章密钥（{type(error).__name__}）", hint) from error
        public_key(self.certificate)

    def _key(self) -> Any:
        return self._token.get().get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=self._label)

    def _read_certificate(self) -> x509.Certificate:
        wanted = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE, pkcs11.Attribute.LABEL: self._label}
        found = list(self._token.get().get_objects(wanted))
        if not found:
            hint = "请把证书写入令牌，或在 signing.toml 用 certificate 指定证书文件"
            raise InputError(f"密码机里没有标签为 {self._label} 的证书", hint)
        return x509.load_der_x509_certificate(bytes(found[0][pkcs11.Attribute.VALUE]))

    async def sign_digest(self, digest: bytes) -> bytes:
        return await asyncio.to_thread(self._sign, digest)

    def _sign(self, digest: bytes) -> bytes:
        """Tried twice: an HSM that was restarted has forgotten the session."""
        with self._token.lock:
            for last in (False, True):
                try:
                    signature = self._signed(digest)
                    break
                except PKCS11Error as error:
                    self._token.drop()
                    if last:
                        raise OutsideError(f"密码机没有完成签名（{type(error).__name__}）", UNSEALED) from error
        require_signature(self.certificate, digest, signature)
        return signature

    def _signed(self, digest: bytes) -> bytes:
        key = self._key()
        if isinstance(public_key(self.certificate), rsa.RSAPublicKey):
            return bytes(key.sign(SHA256_INFO + digest, mechanism=pkcs11.Mechanism.RSA_PKCS))
        raw = bytes(key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA))
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))

    def close(self) -> None:
        """For all keys of the token; whichever is used next opens it anew."""
        with self._token.lock:
            self._token.drop()

    async def revocation_lists(self) -> Sequence[bytes]:
        return self._lists
