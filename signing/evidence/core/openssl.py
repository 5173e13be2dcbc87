"""The ``openssl`` program as the engine of a verifier that has nothing but Python beside it."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from signing.domain.readable import Readable, whole_of
from signing.evidence.core.book import Judgement, Means, Row
from signing.evidence.core.cms import read_token
from signing.evidence.core.container import unpack
from signing.evidence.core.manifest import CLOSING, SIGNATURE, TIMESTAMP
from signing.evidence.core.trust import CERTIFICATES, embedded_roots, only_roots
from signing.evidence.core.x509 import NoSm2, write_pem


class NoOpenssl(RuntimeError):
    """Raised where the machine has no ``openssl`` program."""


def run_openssl(arguments: Sequence[str], files: Mapping[str, bytes]) -> bool:
    """Whether ``openssl`` with ``arguments`` says yes, in a folder that holds ``files`` and vanishes afterwards."""
    program = shutil.which("openssl")
    if program is None:
        raise NoOpenssl("这台电脑上没有 openssl 程序，请先安装")
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            Path(folder, name).write_bytes(data)
        done = subprocess.run(
            [program, *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
        )
        return done.returncode == 0


SM2_KEY = bytes.fromhex(
    "3059301306072a8648ce3d020106082a811ccf5501822d03420004a3d7f4cda45fc807e68e5999e38a37c1c5f975"
    "41e10b1427085d4c2983e673ed0d0ebfebf3c5238742c9c31f228af241f56eb0dfffefc40c575b0f9808f0cadb"
)
SM2_DATA, SM2_VALUE = (
    b"pingqian",
    bytes.fromhex(
        "304402203cd76b5d8f9604539c45ba3d7d0898f018e4eb66bb84f82e51cbbb323a469ffc02206f492b66fac74766"
        "28b18ce2954fd39a5684de309e0cee15d7c7b4fbb9b97031"
    ),
)
"""A signature that holds: an ``openssl`` that says otherwise does not know SM2."""


def openssl_sm2(public_key: bytes, data: bytes, signature: bytes) -> bool:
    """``Crypto.verify_sm2`` by ``openssl pkeyutl``. Raises ``NoSm2``."""
    if _sm2_holds(public_key, data, signature):
        return True
    if not openssl_knows_sm2():
        raise NoSm2("这台电脑的 openssl 不支持 SM2 和 SM3，国密签章没有核对；请装 OpenSSL 3.0 以上再核对")
    return False


def openssl_knows_sm2() -> bool:
    try:
        return _sm2_holds(SM2_KEY, SM2_DATA, SM2_VALUE)
    except NoOpenssl:
        return False


def _sm2_holds(public_key: bytes, data: bytes, signature: bytes) -> bool:
    files = {"key.pem": write_pem(public_key, "PUBLIC KEY"), "data": data, "signature": signature}
    verify = ["pkeyutl", "-verify", "-rawin", "-digest", "sm3", "-pubin", "-inkey", "key.pem", "-in", "data"]
    return run_openssl([*verify, "-sigfile", "signature", "-pkeyopt", "distid:1234567812345678"], files)


class OpensslCrypto:
    """``Crypto`` by ``openssl dgst -verify``."""

    def verify(self, public_key: bytes, hash_name: str, data: bytes, signature: bytes) -> bool:
        files = {"key.pem": write_pem(public_key, "PUBLIC KEY"), "data": data, "signature": signature}
        return run_openssl(["dgst", f"-{hash_name}", "-verify", "key.pem", "-signature", "signature", "data"], files)

    def verify_sm2(self, public_key: bytes, data: bytes, signature: bytes) -> bool:
        return openssl_sm2(public_key, data, signature)


def second_opinion(data: Readable, means: Means) -> list[Row]:
    """What ``openssl cms -verify`` and ``openssl ts -verify`` say about the two outer proofs of a readable package."""
    entries = unpack(data).entries
    pool = b"".join(whole_of(entry) for name, entry in entries.items() if name.startswith(CERTIFICATES))
    files = {"roots.pem": embedded_roots(entries) if means.trust is None else only_roots(means.trust), "pool.pem": pool}
    files |= {Path(name).name: whole_of(entries[name]) for name in CLOSING}
    manifest, signature, archive, token = (Path(name).name for name in CLOSING)
    trust = ["-CAfile", "roots.pem", "-attime", str(int(read_token(files[token]).at.timestamp()))]
    stamp = ["ts", "-verify", "-data", archive, "-in", token, "-token_in", "-untrusted", "pool.pem"]
    signed = ["cms", "-verify", "-binary", "-inform", "DER", "-in", signature, "-content", manifest, "-out", "out"]
    rows = [
        (TIMESTAMP, run_openssl([*stamp, *trust], files)),
        (SIGNATURE, run_openssl([*signed, *trust, "-purpose", "any", "-certfile", "pool.pem"], files)),
    ]
    return [Row(name, ok, "openssl 核对通过" if ok else "openssl 核对未通过") for name, ok in rows]


def judge_again(data: Readable, means: Means, judgement: Judgement) -> Judgement:
    """Holds a good judgement against ``openssl``'s own; where that disagrees, the package is not valid."""
    if judgement.first_bad_item is not None:
        return judgement
    bad = [row for row in second_opinion(data, means) if not row.ok]
    if not bad:
        return judgement
    first = bad[0]
    return Judgement(
        "altered",
        f"已被改动：{first.name}（{first.detail}）",
        first.name,
        tuple(next((row for row in bad if row.name == old.name), old) for old in judgement.rows),
        judgement.signatures,
        judgement.timestamps,
        judgement.not_checked,
    )
