"""Which keys and time-stamps come from outside: ``signing.toml`` in the service's data folder.

::

    [seal]                       # for every institution; [seal.longyan] for one
    kind = "pkcs12"              # or "pkcs11", "remote"
    file = "seal.p12"            # pkcs12; paths are relative to this file
    passphrase_file = "seal.pass"
    module = "/usr/lib/softhsm/libsofthsm2.so"   # pkcs11
    token = "pingqian"
    label = "seal"
    pin_file = "hsm.pin"
    certificate = "seal.crt"     # where the token holds the key alone; PEM
    url = "https://ca.example.cn/sign"           # remote
    token_file = "ca.token"
    ca_file = "ca-tls.pem"
    chain = ["issuing.pem", "root.pem"]          # pkcs11
    crls = ["issuing.crl", "root.crl"]           # pkcs11 and pkcs12, DER

    [tsa]
    url = "https://tsa.example.cn/"              # RFC 3161; without this table the built-in one is used

    [trust]
    roots = ["root.pem"]         # believed beside our own when signatures are judged
"""

import asyncio
import hashlib
import tomllib
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing.adapters.documents.faults import syntax
from signing.adapters.signer.holders import FileKey, KeyHolder
from signing.adapters.signer.remote import Place, RemoteKey, RemoteTimeStamper
from signing.domain.errors import InputError, OutsideError
from signing.domain.seals import STAND_IN_MARK
from signing.domain.whynot import why

NAME = "signing.toml"
KINDS = ("pkcs12", "pkcs11", "remote")
FILES = ("file", "passphrase_file", "pin_file", "token_file", "ca_file", "certificate")


@dataclass
class Outside:
    """``seals``: by institution, or ``""`` for all. ``kept``: where certificates and lists from outside are put, so
    that packages made after a restart hold them too."""

    seals: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    place: Path = Path()
    kept: Path | None = None
    timestamper: RemoteTimeStamper | None = None
    roots: tuple[x509.Certificate, ...] = ()
    _opened: dict[str, KeyHolder] = field(default_factory=dict)

    @property
    def is_stand_in(self) -> bool:
        """Whether what is believed beside our own root says of itself that it is one."""
        return any(STAND_IN_MARK in root.subject.rfc4514_string() for root in self.roots)

    def require_known(self, institutions: Collection[str]) -> None:
        """Raises ``InputError`` where a key is for an institution that there is none of: the one that was meant would
        be sealed with another key, and nobody told."""
        if unknown := sorted(set(self.seals) - {"", *institutions}):
            there = "、".join(sorted(institutions)) or "还没有机构"
            message = f"{self.place / NAME} 的 seal.{unknown[0]} 不是本服务的机构"
            raise InputError(message, f"可用的机构编号：{there}；请改正签章配置")

    async def holder(self, institution_id: str) -> KeyHolder | None:
        """None where the institution's key is the built-in CA's. Raises ``InputError``, ``OutsideError``."""
        name = institution_id if institution_id in self.seals else ""
        if name not in self.seals:
            return None
        if self.seals[name]["kind"] == "remote":
            # Asked anew for each paper: the CA may have renewed its certificate since.
            return await open_holder(self.seals[name], self.place)
        if name not in self._opened:
            self._opened[name] = await open_holder(self.seals[name], self.place)
        return self._opened[name]

    async def lists(self, holder: KeyHolder) -> list[bytes]:
        lists = list(await holder.revocation_lists())
        self._keep(holder, lists)
        return lists

    def _keep(self, holder: KeyHolder, lists: list[bytes]) -> None:
        if self.kept is None:
            return
        self.kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        for certificate in (holder.certificate, *holder.chain):
            self._write(certificate.public_bytes(Encoding.PEM), "pem", certificate.public_bytes(Encoding.DER))
        for data in lists:
            self._write(data, "crl", x509.load_der_x509_crl(data).issuer.public_bytes())

    def certificates(self) -> list[x509.Certificate]:
        """Roots, and whatever stood above a seal or in its chain."""
        kept = [data for name, data in self.files().items() if name.endswith(".pem")]
        return [*self.roots, *(x509.load_pem_x509_certificate(data) for data in kept)]

    async def all_lists(self) -> list[bytes]:
        """Fresh ones of every CA that is named, and where one does not answer, those of its last seal."""
        for name in self.seals:
            with suppress(OutsideError, InputError):
                holder = await self.holder(name)
                assert holder is not None
                await self.lists(holder)
        return [data for name, data in self.files().items() if name.endswith(".crl")]

    def has_used(self, certificate: bytes) -> bool:
        """Whether a seal was made with it, or it stands above one that was; DER."""
        if self.kept is None:
            return False
        pem = x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM)
        path = self.kept / f"outside_{hashlib.sha256(certificate).hexdigest()[:16]}.pem"
        return path.is_file() and path.read_bytes() == pem

    def _write(self, data: bytes, ending: str, called: bytes) -> None:
        assert self.kept is not None
        name = self.kept / f"outside_{hashlib.sha256(called).hexdigest()[:16]}.{ending}"
        partial = name.with_suffix(".partial")
        partial.write_bytes(data)
        partial.replace(name)

    def files(self) -> dict[str, bytes]:
        """For the evidence package: ``certificates/…`` and ``revocation/…``."""
        found = sorted(self.kept.iterdir()) if self.kept is not None and self.kept.is_dir() else []
        folders = {".pem": "certificates", ".crl": "revocation"}
        return {f"{folders[path.suffix]}/{path.name}": path.read_bytes() for path in found if path.suffix in folders}


def read_outside(path: Path, kept: Path) -> Outside:
    """Nothing outside where there is no such file. Raises ``InputError`` naming the file and what is wrong in it."""
    if not path.exists():
        return Outside()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} 无法读取：{_why_not_read(error)}", "请检查签章配置") from error
    unknown = set(tables) - {"seal", "tsa", "trust"}
    if unknown:
        raise InputError(f"{path} 里有不认识的部分：{'、'.join(sorted(unknown))}", "可用 seal、tsa、trust")
    place = path.parent
    seals = _seals(path, tables.get("seal", {}))
    tsa = tables.get("tsa")
    for name in tables:
        _require_table(path, name, tables[name])
    stamper = None if tsa is None else RemoteTimeStamper(_place(path, tsa, place))
    roots = tuple(_certificate(place / name) for name in _list(path, tables.get("trust", {}), "roots"))
    return Outside(seals, place, kept, stamper, roots)


def _seals(path: Path, table: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """``[seal]`` is for every institution, and ``[seal.NAME]`` beside it for one."""
    _require_table(path, "seal", table)
    own = {name: one for name, one in table.items() if isinstance(one, Mapping)}
    general = {key: value for key, value in table.items() if key not in own}
    seals = own | ({"": general} if general else {})
    for name, one in seals.items():
        if one.get("kind") not in KINDS:
            where = f"seal.{name}" if name else "seal"
            raise InputError(f"{path} 的 {where} 没有写明 kind", f"可用 {'、'.join(KINDS)}")
        _require_files(path, one)
    return seals


def _require_files(path: Path, table: Mapping[str, Any]) -> None:
    """That what is named can be read, now and not when the first paper is to be sealed."""
    named = [table[key] for key in FILES if key in table]
    named += [*_list(path, table, "chain"), *_list(path, table, "crls")]
    for name in named:
        if not isinstance(name, str):
            raise InputError(f"{path} 里的文件名应写在引号里，不是 {name}", "请检查签章配置")
        if not (path.parent / name).is_file():
            raise InputError(f"{path} 写的文件 {path.parent / name} 不存在", "请检查签章配置里的路径")


def _require_table(path: Path, name: str, value: object) -> None:
    if not isinstance(value, Mapping):
        raise InputError(f"{path} 的 {name} 应是一节 [{name}]，不是 {value}", "请对照使用说明改正签章配置")


def _list(path: Path, table: Mapping[str, Any], key: str) -> list[str]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise InputError(f'{path} 的 {key} 应是一列文件名，如 ["root.pem"]', "请检查签章配置")
    return found


async def open_holder(table: Mapping[str, Any], place: Path) -> KeyHolder:
    """Raises ``InputError``, ``OutsideError``."""
    try:
        if table["kind"] == "remote":
            return await RemoteKey.open(_place(place / NAME, table, place))
        lists = [(place / name).read_bytes() for name in table.get("crls", [])]
        if table["kind"] == "pkcs12":
            passphrase = _secret(place / table["passphrase_file"])
            return await asyncio.to_thread(FileKey.open, place / table["file"], passphrase.encode(), lists)
        # Loaded only where an HSM is used: the binding is of no use to anybody else.
        from signing.adapters.signer.hsm import HsmKey

        chain = [_certificate(place / name) for name in table.get("chain", [])]
        module, pin = Path(table["module"]), _secret(place / table["pin_file"])
        own = _certificate(place / table["certificate"]) if "certificate" in table else None
        return await asyncio.to_thread(HsmKey, module, table["token"], table["label"], pin, chain, lists, own)
    except KeyError as error:
        raise InputError(f"{place / NAME} 的 seal 缺少 {error.args[0]}", "请补全签章配置") from error
    except OSError as error:
        raise InputError(f"不能读取 {error.filename}（{why(error)}）", "请检查签章配置里的路径") from error


def _place(path: Path, table: Mapping[str, Any], place: Path) -> Place:
    url = table.get("url", "")
    parts = urlsplit(url if isinstance(url, str) else "")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
        raise InputError(f"{path} 的 url 应以 https:// 开头", "摘要不能在网络上明文传送")
    token = _secret(place / table["token_file"]) if "token_file" in table else ""
    ca = place / table["ca_file"] if "ca_file" in table else None
    seconds = table.get("seconds", 15)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= 600:
        raise InputError(f"{path} 的 seconds 应是不超过 600 的秒数", "请检查签章配置")
    return Place(url, token, ca, float(seconds))


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise InputError(f"不能读取 {path}（{_why_not_read(error)}）", "请检查签章配置里的路径") from error


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as error:
        raise InputError(f"不能读取 {path}（{_why_not_read(error)}）", "请检查签章配置里的路径") from error
    except ValueError as error:
        raise InputError(f"{path} 不是可用的 PEM 证书", "请检查签章配置里的路径") from error


def _why_not_read(error: OSError | ValueError) -> str:
    if isinstance(error, tomllib.TOMLDecodeError):
        return syntax(error)
    return why(error) if isinstance(error, OSError) else "不是 UTF-8 编码的文本"
