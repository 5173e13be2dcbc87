"""``pingqian bench seal``: a contract made, signed by four and sealed, beside bare signatures over the same bytes."""

import argparse
import asyncio
import hashlib
import json
import math
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from signing.commandline.bench.queue import whole_number
from signing.commandline.bench.table import Row, at_most

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

    from signing.adapters.signer import LocalSigner
    from signing.domain.case import Case, Document
    from signing.domain.party import Party
    from signing.service.ports import Frozen, SigningContext

PAGES, SIGNERS = 10, 4
SIGNER_BYTES, SEAL_BYTES = 20 * 1024, 40 * 1024
WHOLE, BARE_B = 80.0, 30.0
"""The issue's goals, in times of the bare signatures."""


class Seal:
    name = "seal"
    help = "签章：生成 10 页合同、4 人签名、B-LTA 用印，与裸签名并列；各次修订的字节数"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--rounds", type=whole_number, default=7, metavar="数量", help="每项测几次取中位数（默认 7）"
        )

    def measure(self, arguments: argparse.Namespace) -> list[Row]:
        with tempfile.TemporaryDirectory(prefix="pingqian-bench-") as folder:
            return asyncio.run(_measured(Path(folder), arguments.rounds))


async def _measured(folder: Path, rounds: int) -> list[Row]:
    from signing.adapters.signer import open_signer

    signer = open_signer(folder)
    await _bare(b"", 1)
    chain = await _journey(signer)  # fonts, keys and seal are made before anything is measured
    sealed = chain[-1]
    whole, bare = await _medians(rounds, lambda: _journey(signer), lambda: _bare(sealed, SIGNERS + 1))
    one, single = await _medians(rounds, lambda: _b_b(signer, chain[0]), lambda: _bare(chain[0], 1))
    signers = [len(after) - len(before) for before, after in pairwise(chain[:-1])]
    return [
        at_most(f"生成 {PAGES} 页、{SIGNERS} 人可见签名、B-LTA 用印", whole * 1000, bare * 1000, WHOLE, "毫秒"),
        at_most("一次 B-B 签名", one * 1000, single * 1000, BARE_B, "毫秒"),
        _bytes("每位签署人增加的字节（B-T，可见）", max(signers), SIGNER_BYTES),
        _bytes("用印增加的字节（十片骑缝章，B-LTA）", len(sealed) - len(chain[-2]), SEAL_BYTES),
    ]


def _bytes(goal: str, count: int, most: int) -> Row:
    return Row(goal, count / 1024, "KB", f"≤ {most // 1024} KB", count <= most)


async def _medians(
    rounds: int, work: Callable[[], Awaitable[object]], anchor: Callable[[], Awaitable[object]]
) -> tuple[float, float]:
    """Seconds of both, done in turn so that whatever else goes on touches both alike."""
    pairs = [(await _seconds(work), await _seconds(anchor)) for _ in range(rounds)]
    return statistics.median(mine for mine, _ in pairs), statistics.median(bare for _, bare in pairs)


async def _seconds(work: Callable[[], Awaitable[object]]) -> float:
    """Of this process, all threads together: what others do on the machine does not count."""
    began = time.process_time()
    await work()
    return time.process_time() - began


_KEYS: list["rsa.RSAPrivateKey"] = []
"""The one of this run."""


async def _bare(data: bytes, count: int) -> None:
    """As many RSA-2048 signatures over the SHA-256 of the file, with a key kept loaded."""
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.hashes import SHA256

    key = _KEYS[0] if _KEYS else generate_private_key(65537, 2048)
    _KEYS[:] = [key]
    for _ in range(count):
        key.sign(data, padding.PKCS1v15(), SHA256())


async def _b_b(signer: "LocalSigner", pdf: bytes) -> None:
    """A PAdES B-B signature into a field that is there, invisible and without a time-stamp."""
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata

    from signing.adapters.signer.revision import DatedSigner, open_writer

    metadata = PdfSignatureMetadata(
        field_name="sign_borrower_1", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    pdf_signer = DatedSigner(metadata, signer.evidence_signer, at=datetime.now(UTC))
    await pdf_signer.async_sign_pdf(open_writer(pdf), existing_fields_only=True, bytes_reserved=8_192)


async def _journey(signer: "LocalSigner") -> list[bytes]:
    """The frozen paper, each signer's revision, and the sealed one."""
    from signing.adapters.demo_data import INSTITUTION

    now = datetime.now(UTC)
    case = _case(now)
    frozen = _contract(case, now)
    assert frozen.pages >= PAGES, frozen.pages
    chain = [frozen.pdf]
    for party in case.parties:
        revision = await signer.sign_as_customer(chain[-1], _context(case, frozen, party, now))
        chain.append(revision.pdf)
    chain.append(await signer.seal(chain[-1], INSTITUTION, now, "全部当事人已签署"))
    return chain


def _contract(case: "Case", now: datetime) -> "Frozen":
    from signing.adapters.demo_data import INSTITUTION
    from signing.adapters.documents import PaperDocuments, catalogue

    product = catalogue.product(case.product_id)
    planned = ("personal_loan_contract", case.parties, "JK")
    kinds = frozenset(one.kind for one in product.documents)
    return PaperDocuments().paper(planned, case, INSTITUTION, now, kinds, product.script)


def _case(now: datetime) -> "Case":
    from signing.domain.case import Case, RepaymentMethod, Terms
    from signing.domain.party import Party, Role

    terms = Terms(
        Decimal(180_000), Decimal("3.85"), MONTHS, RepaymentMethod.EQUAL_INSTALMENT, "购买茶苗", "6217" + "0" * 15
    )
    first = Party("pty_1", Role.BORROWER, "王秀兰", "11010519491231002X", "13800138000", "上杭县示范村 7 号")
    others = [
        replace(first, party_id=f"pty_{n}", role=Role.CO_BORROWER, name=f"丁大{'山田海'[n - 2]}") for n in (2, 3, 4)
    ]
    product = ("village_credit_line", "信用村授信贷款")
    return Case("case_1", "PQ1", "inst_demo", "br_1", *product, terms, now, "usr_1", (first, *others))


MONTHS = 180
"""So that the repayment plan fills the contract to ten pages."""


def _context(case: "Case", frozen: "Frozen", party: "Party", now: datetime) -> "SigningContext":
    from signing.service.ports import SigningContext

    return SigningContext(
        case.case_no, party, _document(frozen), frozen.fields[party.party_id], _handwriting(), "ab" * 32, "ses_1", now
    )


def _document(frozen: "Frozen") -> "Document":
    from signing.domain.case import Document

    digest = hashlib.sha256(frozen.pdf).hexdigest()
    signers, version = tuple(frozen.fields), frozen.template_version
    return Document(
        "doc_1", frozen.kind, frozen.title, frozen.pages, version, signers, (digest,), fields=dict(frozen.fields)
    )


def _handwriting() -> bytes:
    """Three characters of some eight strokes, as a finger writes them: a point every 16 ms."""
    strokes = [[_point(stroke, step) for step in range(20)] for stroke in range(8)]
    value = {"width": 340, "height": 200, "strokes": strokes}
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _point(stroke: int, step: int) -> dict[str, float]:
    x, y = 20 + 38 * stroke + 30 * step / 19, 60 + 50 * math.sin(step / 6 + stroke)
    return {"x": round(x, 1), "y": round(y, 1), "t": 400 * stroke + 16 * step, "pressure": 0.5}


SEAL = Seal()
