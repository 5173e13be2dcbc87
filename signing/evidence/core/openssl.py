"""The ``openssl`` program as the engine of a verifier that has nothing but Python beside it."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from signing.evidence.core.book import Judgement, Means, Row
from signing.evidence.core.cms import read_token
from signing.evidence.core.container import Bytes, unpack
from signing.evidence.core.manifest import ARCHIVE, MANIFEST, SIGNATURE, TIMESTAMP
from signing.evidence.core.trust import CERTIFICATES
from signing.evidence.core.x509 import read_certificate, read_pem, write_pem


class NoOpenssl(RuntimeError):
    """Raised where the machine has no ``openssl`` program."""


def run_openssl(arguments: Sequence[str], files: Mapping[str, bytes]) -> bool:
    """Whether ``openssl`` with ``arguments`` says yes, in a folder that holds ``files`` and vanishes afterwards."""
    program = shutil.which("openssl")
    if program is None:
        raise NoOpenssl("这台电脑上没有 openssl 程序,请先安装")
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            Path(folder, name).write_bytes(data)
        done = subprocess.run(
            [program, *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
        )
        return done.returncode == 0


class OpensslCrypto:
    """``Crypto`` by ``openssl dgst -verify``."""

    def verify(self, public_key: bytes, hash_name: str, data: bytes, signature: bytes) -> bool:
        files = {"key.pem": write_pem(public_key, "PUBLIC KEY"), "data": data, "signature": signature}
        return run_openssl(["dgst", f"-{hash_name}", "-verify", "key.pem", "-signature", "signature", "data"], files)


def second_opinion(data: Bytes, means: Means) -> list[Row]:
    """What ``openssl cms -verify`` and ``openssl ts -verify`` say about the two outer proofs of a readable package."""
    entries = {name: bytes(entry) for name, entry in unpack(data).entries.items() if "META" in name or ".pem" in name}
    pool = b"".join(entry for name, entry in sorted(entries.items()) if name.startswith(CERTIFICATES))
    files = {"roots.pem": means.trust or _self_signed(pool), "pool.pem": pool}
    files |= {name.replace("/", "."): entry for name, entry in entries.items() if name.startswith("META")}
    at = read_token(entries[TIMESTAMP]).at
    names = {name: name.replace("/", ".") for name in entries}
    stamp = ["ts", "-verify", "-data", names[ARCHIVE], "-in", names[TIMESTAMP], "-token_in"]
    signed = ["cms", "-verify", "-binary", "-inform", "DER", "-in", names[SIGNATURE], "-content", names[MANIFEST]]
    trust = ["-CAfile", "roots.pem", "-attime", str(_epoch(at))]
    rows = [
        (TIMESTAMP, run_openssl([*stamp, *trust, "-untrusted", "pool.pem"], files)),
        (SIGNATURE, run_openssl([*signed, *trust, "-purpose", "any", "-certfile", "pool.pem", "-out", "out"], files)),
    ]
    return [Row(name, ok, "openssl 核对通过" if ok else "openssl 核对未通过") for name, ok in rows]


def _epoch(at: datetime) -> int:
    return int(at.timestamp())


def _self_signed(pool: bytes) -> bytes:
    found = [read_certificate(der) for der in read_pem(pool, "CERTIFICATE")]
    return b"".join(write_pem(row.raw, "CERTIFICATE") for row in found if row.issuer == row.subject)


def judge_again(data: Bytes, means: Means, judgement: Judgement) -> Judgement:
    """Holds a good judgement against ``openssl``'s own; where that disagrees, the package is not valid."""
    if judgement.first_bad_item is not None:
        return judgement
    bad = [row for row in second_opinion(data, means) if not row.ok]
    if not bad:
        return judgement
    first = bad[0]
    return Judgement(
        "altered",
        f"已被改动:{first.name}({first.detail})",
        first.name,
        tuple(next((row for row in bad if row.name == old.name), old) for old in judgement.rows),
        judgement.signatures,
        judgement.timestamps,
        judgement.not_checked,
    )
