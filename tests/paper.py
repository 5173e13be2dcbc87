"""A case, its people and their handwriting, for the tests of documents and signatures."""

import hashlib
import json
import math
from datetime import UTC, datetime
from decimal import Decimal

from signing.domain.case import Case, Document, RepaymentMethod, Terms
from signing.domain.party import Party, Role
from signing.service.ports import Frozen, Institution, SigningContext

OPENED = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)

INSTITUTION = Institution(
    institution_id="inst_demo",
    name="龙岩示范农村信用合作联社",
    seal_name="龙岩示范农村信用合作联社",
    address="福建省龙岩市上杭县示范路8号",
    helpline="0597-3360000",
    representative="林建华",
    credit_code="91350800MA00000000",
)

BORROWER = Party("pty_1", Role.BORROWER, "王建国", "11010519491231002X", "13800138000", "上杭县示范村12号")
WIFE = Party("pty_2", Role.CO_BORROWER, "李秀英", "11010519491231002X", "13800138001")


def case(
    *parties: Party,
    method: RepaymentMethod = RepaymentMethod.INTEREST_FIRST,
    months: int = 12,
    purpose: str = "购买茶苗与肥料",
) -> Case:
    terms = Terms(Decimal(180_000), Decimal("3.85"), months, method, purpose, "6217000000000000000")
    return Case(
        case_id="case_1",
        case_no="2026-00318",
        institution_id="inst_demo",
        branch_id="br_1",
        product_id="village_credit_line",
        product_title="信用村授信贷款",
        terms=terms,
        opened_at=OPENED,
        opened_by="usr_1",
        parties=parties or (BORROWER,),
    )


def strokes(count: int = 6) -> bytes:
    """Canonical JSON of some handwriting in a drawing area of 340 × 200."""
    lines = []
    for number in range(count):
        points = []
        for step in range(20):
            way = step / 19
            x, y = 40 + number * 40 + 30 * way, 60 + 50 * math.sin(way * 3 + number)
            points.append({"pressure": 0.5, "t": step * 16.0, "x": round(x, 1), "y": round(y, 1)})
        lines.append(points)
    return json.dumps({"height": 200, "strokes": lines, "width": 340}, separators=(",", ":")).encode()


def document(frozen: Frozen) -> Document:
    digest = hashlib.sha256(frozen.pdf).hexdigest()
    signers = tuple(frozen.fields)
    fields = dict(frozen.fields)
    return Document(
        "doc_1", frozen.kind, frozen.title, frozen.pages, frozen.template_version, signers, (digest,), fields=fields
    )


def signing_context(frozen: Frozen, party: Party, at: datetime) -> SigningContext:
    return SigningContext(
        case_no="2026-00318",
        party=party,
        document=document(frozen),
        field=frozen.fields[party.party_id],
        strokes_json=strokes(),
        identity_event_sha256="ab" * 32,
        session_id="ses_1",
        at=at,
    )
