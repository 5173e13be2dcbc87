"""The electronic seal of GB/T 38540-2020 beside the PAdES signature: SM2 signatures over SM3 digests.

Structures as in the standard, chapters 6 and 7::

    SESeal        ::= SEQUENCE { eSealInfo SES_SealInfo, cert OCTET STRING, signAlgID OBJECT IDENTIFIER,
                                 signedValue BIT STRING }
    SES_Signature ::= SEQUENCE { toSign TBS_Sign, cert OCTET STRING, signatureAlgID OBJECT IDENTIFIER,
                                 signature BIT STRING, timeStamp [0] EXPLICIT BIT STRING OPTIONAL }

SM2 (GB/T 32918.2-2016) and SM3 (GB/T 32905-2016) are OpenSSL's own, through its program: the ``cryptography`` package
knows SM3 and no SM2. The signer's identifier is the usual one of GB/T 35276-2017.
"""

import secrets
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from asn1crypto import core, pem, x509
from cryptography.hazmat.primitives import hashes

from signing.adapters.signer.sealpicture import picture
from signing.domain.errors import OutsideError, TamperError
from signing.domain.seals import RegisteredSeal, SealKind
from signing.service.ports import Institution

SM2_WITH_SM3 = "1.2.156.10197.1.501"
DISTINGUISHING_ID = "1234567812345678"
_DIST = ("-pkeyopt", f"distid:{DISTINGUISHING_ID}")
VENDOR = "PINGQIAN"
VERSION = 4
UNIT_SEAL, PERSONAL_SEAL = 1, 2
MILLIMETRES = {SealKind.CONTRACT: 40, SealKind.OFFICIAL: 40, SealKind.REPRESENTATIVE: 18}
SECONDS = 30
DAYS = 1825
"""Of a certificate for sealing; longer where its seal is valid for longer."""
PIXELS = 320
"""The seal's picture: 8 a millimetre."""


def _sequence(name: str, *fields: tuple[object, ...]) -> type[core.Sequence]:
    return type(name, (core.Sequence,), {"_fields": list(fields)})


_Header = _sequence("SES_Header", ("id", core.IA5String), ("version", core.Integer), ("vid", core.IA5String))


class CertInfoList(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.OctetString


_Property = _sequence(
    "SES_ESPropertyInfo",
    ("type", core.Integer),
    ("name", core.UTF8String),
    ("cert_list_type", core.Integer),
    ("cert_list", CertInfoList),
    ("create_date", core.GeneralizedTime),
    ("valid_start", core.GeneralizedTime),
    ("valid_end", core.GeneralizedTime),
)
_Picture = _sequence(
    "SES_ESPictrueInfo",
    ("type", core.IA5String),
    ("data", core.OctetString),
    ("width", core.Integer),
    ("height", core.Integer),
)
_SealInfo = _sequence(
    "SES_SealInfo", ("header", _Header), ("es_id", core.IA5String), ("property", _Property), ("picture", _Picture)
)
SESeal = _sequence(
    "SESeal",
    ("seal_info", _SealInfo),
    ("cert", core.OctetString),
    ("sign_alg_id", core.ObjectIdentifier),
    ("signed_value", core.OctetBitString),
)
_ToSign = _sequence(
    "TBS_Sign",
    ("version", core.Integer),
    ("eseal", SESeal),
    ("time_info", core.GeneralizedTime),
    ("data_hash", core.OctetBitString),
    ("property_info", core.IA5String),
)
SESSignature = _sequence(
    "SES_Signature",
    ("to_sign", _ToSign),
    ("cert", core.OctetString),
    ("signature_alg_id", core.ObjectIdentifier),
    ("signature", core.OctetBitString),
    ("time_stamp", core.OctetBitString, {"explicit": 0, "optional": True}),
)


def sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def openssl(*arguments: str, data: bytes = b"") -> bytes:
    """Raises ``OutsideError`` where there is no OpenSSL with SM2, or it refuses."""
    try:
        done = subprocess.run(["openssl", *arguments], input=data, capture_output=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OutsideError("不能运行 openssl，国密签章没有完成", "请管理员安装 OpenSSL 3，恢复后会自动再试") from error
    if done.returncode:
        raise OutsideError("openssl 没有完成国密运算", "请管理员检查 OpenSSL 是否支持 SM2，恢复后会自动再试")
    return done.stdout


@dataclass(frozen=True)
class NationalKey:
    """``key``: PEM file encrypted under the passphrase in ``passphrase``; ``certificate`` in DER."""

    key: Path
    passphrase: Path
    certificate: bytes

    def sign(self, data: bytes) -> bytes:
        """SM2 over SM3, DER ``SEQUENCE { r, s }`` as GB/T 35276-2017 has it."""
        with tempfile.TemporaryDirectory(prefix="pingqian-sm2-") as folder:
            (Path(folder) / "data").write_bytes(data)
            return openssl(
                "pkeyutl", "-sign", "-rawin", "-digest", "sm3", "-inkey", str(self.key),
                "-passin", f"file:{self.passphrase}", "-in", f"{folder}/data", *_DIST,
            )  # fmt: skip


def verify(certificate: bytes, data: bytes, signature: bytes) -> bool:
    """By the key in a DER certificate."""
    with tempfile.TemporaryDirectory(prefix="pingqian-sm2-") as folder:
        place = Path(folder)
        (place / "data").write_bytes(data)
        (place / "signature").write_bytes(signature)
        key = openssl("x509", "-inform", "DER", "-pubkey", "-noout", data=certificate)
        (place / "key").write_bytes(key)
        try:
            openssl(
                "pkeyutl", "-verify", "-rawin", "-digest", "sm3", "-pubin", "-inkey", f"{folder}/key",
                "-in", f"{folder}/data", "-sigfile", f"{folder}/signature", *_DIST,
            )  # fmt: skip
        except OutsideError:
            return False
        return True


class NationalAuthority:
    """The demonstration's SM2 keys: the seal maker's 制章者, and one a registered seal. Kept in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def maker(self) -> NationalKey:
        return self._key("maker", "/C=CN/O=屏签演示制章机构（不具有法律效力）/CN=屏签演示制章者", None)

    @property
    def made(self) -> bytes | None:
        """The maker's certificate, DER; None before the first seal."""
        place = self._folder / "maker" / "certificate.der"
        return place.read_bytes() if place.exists() else None

    def of(self, seal: RegisteredSeal) -> NationalKey:
        name = f"/C=CN/O=屏签演示（不具有法律效力）/CN={_safe(seal.text)}（演示）"
        days = max(DAYS, (seal.valid_until - seal.registered_at).days + 2)
        key = self._key(_safe(seal.seal_id), name, self.maker(), days)
        if ends_at(key.certificate) >= seal.valid_until:
            return key
        # The seal's end was put off beyond that of its certificate: it gets a new one, with a key of its own.
        return self._key(f"{_safe(seal.seal_id)}-{seal.valid_until:%Y%m%d}", name, self.maker(), days)

    def _key(self, name: str, subject: str, issuer: NationalKey | None, days: int = DAYS) -> NationalKey:
        """Made at first use; whoever is second takes the first one's."""
        place = self._folder / name
        if not place.exists():
            self._make(place, subject, issuer, days)
        try:
            return NationalKey(place / "key.pem", place / "passphrase", (place / "certificate.der").read_bytes())
        except OSError as error:
            raise TamperError("国密印章的密钥文件缺失", f"请检查 {place}，或恢复备份") from error

    def _make(self, place: Path, subject: str, issuer: NationalKey | None, days: int) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=self._folder, prefix=".making-"))
        (work / "passphrase").touch(mode=0o600)
        (work / "passphrase").write_text(secrets.token_urlsafe(32))
        (work / "key.pem").touch(mode=0o600)
        secret = ("-passin", f"file:{work}/passphrase")
        openssl(
            "genpkey",
            "-algorithm",
            "SM2",
            "-aes-256-cbc",
            "-pass",
            f"file:{work}/passphrase",
            "-out",
            f"{work}/key.pem",
        )
        common = ("-utf8", "-subj", subject, "-sm3", "-key", f"{work}/key.pem", *secret)
        dist = ("-sigopt", f"distid:{DISTINGUISHING_ID}")
        if issuer is None:
            openssl(
                "req",
                "-x509",
                "-new",
                *common,
                *dist,
                "-days",
                "7300",
                "-outform",
                "DER",
                "-out",
                f"{work}/certificate.der",
            )
        else:
            self._issue(work, common, dist, issuer, days)
        try:
            work.rename(place)
        except OSError:
            if not place.exists():
                raise

    def _issue(self, work: Path, common: Sequence[str], dist: Sequence[str], issuer: NationalKey, days: int) -> None:
        openssl("req", "-new", *common, *dist, "-out", f"{work}/request.pem")
        (work / "issuer.pem").write_bytes(openssl("x509", "-inform", "DER", data=issuer.certificate))
        (work / "extensions").write_text(
            "keyUsage=critical,digitalSignature,nonRepudiation\nbasicConstraints=CA:FALSE\n"
        )
        openssl(
            "x509", "-req", "-in", f"{work}/request.pem", "-CA", f"{work}/issuer.pem", "-CAkey", str(issuer.key),
            "-passin", f"file:{issuer.passphrase}", "-sm3", *dist, "-vfyopt", f"distid:{DISTINGUISHING_ID}",
            "-set_serial", f"0x{secrets.token_hex(15)}", "-days", str(days), "-extfile", f"{work}/extensions",
            "-outform", "DER", "-out", f"{work}/certificate.der",
        )  # fmt: skip


def ends_at(certificate: bytes) -> datetime:
    """The last moment of a certificate, DER."""
    found: datetime = x509.Certificate.load(certificate)["tbs_certificate"]["validity"]["not_after"].native
    return found


def _safe(text: str) -> str:
    return "".join(character for character in text if character.isalnum() or character in "_-")[:60]


def make_seal(seal: RegisteredSeal, png: bytes, signer: NationalKey, maker: NationalKey) -> bytes:
    """SESeal, DER: the maker signs name, validity, picture, and who may use it."""
    millimetres = MILLIMETRES[seal.kind]
    info = _SealInfo(
        {
            "header": {"id": "ES", "version": VERSION, "vid": VENDOR},
            "es_id": seal.number or seal.seal_id,
            "property": {
                "type": PERSONAL_SEAL if seal.kind is SealKind.REPRESENTATIVE else UNIT_SEAL,
                "name": seal.text,
                "cert_list_type": 1,
                "cert_list": CertInfoList([signer.certificate]),
                "create_date": _second(seal.registered_at),
                "valid_start": _second(seal.valid_from),
                "valid_end": _second(seal.valid_until),
            },
            "picture": {"type": "PNG", "data": png, "width": millimetres, "height": millimetres},
        }
    )
    value = maker.sign(info.dump())
    made = {"seal_info": info, "cert": maker.certificate, "sign_alg_id": SM2_WITH_SM3, "signed_value": value}
    return bytes(SESeal(made).dump())


def sign(data: bytes, name: str, seal: bytes, signer: NationalKey, at: datetime) -> bytes:
    """SES_Signature over the SM3 of ``data``, DER, without its time-stamp; ``name``: where the data lie."""
    to_sign = _ToSign(
        {
            "version": VERSION,
            "eseal": SESeal.load(seal),
            "time_info": _second(at),
            "data_hash": sm3(data),
            "property_info": name,
        }
    )
    value = signer.sign(to_sign.dump())
    made = {
        "to_sign": to_sign, "cert": signer.certificate, "signature_alg_id": SM2_WITH_SM3, "signature": value,
    }  # fmt: skip
    return bytes(SESSignature(made).dump())


class NationalSeals:
    """Seals made once for each registered seal, and signatures with them. Safe to share between threads."""

    def __init__(self, authority: NationalAuthority) -> None:
        self._authority = authority
        self._made: dict[RegisteredSeal, bytes] = {}

    def maker_pem(self) -> bytes:
        """The maker's certificate; empty before the first seal."""
        made = self._authority.made
        return pem.armor("CERTIFICATE", made) if made else b""

    def signed(self, data: bytes, name: str, institution: Institution, at: datetime, seal: RegisteredSeal) -> bytes:
        """SES_Signature without a time-stamp, held against the data once more before it is given out."""
        signer, maker = self._authority.of(seal), self._authority.maker()
        if seal not in self._made:
            self._made[seal] = make_seal(seal, picture(institution, seal, PIXELS), signer, maker)
        signature = sign(data, name, self._made[seal], signer, at)
        if faults := judge(signature, data, maker.certificate):
            raise OutsideError(f"国密签章没有通过自检：{'；'.join(faults)}", "请管理员检查印章登记和 OpenSSL")
        return signature


def stamped(signature: bytes, token: bytes) -> bytes:
    """With an RFC 3161 token over the signature's value."""
    made = SESSignature.load(signature)
    made["time_stamp"] = token
    return bytes(made.dump(force=True))


def value_of(signature: bytes) -> bytes:
    """What the time-stamp is over."""
    return bytes(SESSignature.load(signature)["signature"].native)


def judge(signature: bytes, data: bytes, maker_certificate: bytes) -> list[str]:
    """What is wrong, in words; empty where seal and signature are good (GB/T 38540-2020, 7.3)."""
    try:
        found = SESSignature.load(signature, strict=True)
        to_sign, seal = found["to_sign"], found["to_sign"]["eseal"]
        return list(_faults(found, to_sign, seal, data, maker_certificate))
    except (ValueError, TypeError, KeyError, OutsideError):
        return ["国密签章的格式无法识别"]


def _faults(
    found: core.Sequence, to_sign: core.Sequence, seal: core.Sequence, data: bytes, maker: bytes
) -> Sequence[str]:
    info: Mapping[str, core.Asn1Value] = seal["seal_info"]
    held = [one.native for one in info["property"]["cert_list"]]
    signed_at = to_sign["time_info"].native
    span = (info["property"]["valid_start"].native, info["property"]["valid_end"].native)
    checks = (
        (to_sign["data_hash"].native == sm3(data), "文书的 SM3 摘要与签章时不一致"),
        (seal["cert"].native == maker, "印章不是由所信任的制章者制作的"),
        (found["cert"].native in held, "签章者不是这枚印章的使用者"),
        (span[0] <= signed_at < span[1], "签章时印章不在有效期内"),
        (signed_at <= min(ends_at(found["cert"].native), ends_at(maker)), "签章者或制章者的国密证书已经过期"),
        (verify(maker, seal["seal_info"].dump(), seal["signed_value"].native), "制章者的签名不成立"),
        (verify(found["cert"].native, to_sign.dump(), found["signature"].native), "签章者的签名不成立"),
    )
    return [said for good, said in checks if not good]


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
