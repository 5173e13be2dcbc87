"""The block at the end of a document where people sign and the institution seals."""

from collections.abc import Mapping, Sequence

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from signing.adapters.documents import fonts
from signing.adapters.documents.flowables import HAIRLINE, INK, MUTED, Overlay, Recorder
from signing.adapters.documents.form import SEAL_DIAMETER, SEAL_FIELD, SQUARE_FIELD, SQUARE_SIDE
from signing.adapters.documents.templates import Part, fill
from signing.domain.party import ROLE_TITLES, Party

SIGN_WIDTH, SIGN_HEIGHT = 196.0, 76.0
_CELL_HEIGHT = 150.0
_GUTTER = 18.0


def signature_block(
    part: Part,
    signers: Sequence[Party],
    fields: Mapping[str, str],
    values: Mapping[str, str],
    width: float,
    recorder: Recorder,
) -> list[Flowable]:
    """Two columns: a cell a signer, the institution's last. Each row is one flowable and stays whole."""
    column = (width - _GUTTER) / 2

    def paint_row(first: int) -> Flowable:
        def paint(canvas: Canvas, _width: float, height: float) -> None:
            for place, index in enumerate(range(first, min(first + 2, len(signers) + 1))):
                x = place * (column + _GUTTER)
                if index < len(signers):
                    _signer(canvas, x, height, part, signers[index], fields, recorder)
                else:
                    _institution(canvas, x, height, column, part, values, recorder)

        return Overlay(_CELL_HEIGHT, paint, before=10)

    return [paint_row(first) for first in range(0, len(signers) + 1, 2)]


def _text(canvas: Canvas, x: float, y: float, text: str, size: float = 10.5, *, bold: bool = False) -> None:
    canvas.setFillColor(INK)
    canvas.setFont(fonts.BOLD if bold else fonts.SONG, size)
    canvas.drawString(x, y, text)


def _signer(
    canvas: Canvas,
    x: float,
    top: float,
    part: Part,
    party: Party,
    fields: Mapping[str, str],
    recorder: Recorder,
) -> None:
    label = dict(part.labels).get(party.role) or part.signer_label or ROLE_TITLES[party.role]
    _text(canvas, x, top - 14, f"{label}（签名）：", 12, bold=True)
    bottom = top - 22 - SIGN_HEIGHT
    canvas.setStrokeColor(HAIRLINE)
    canvas.setLineWidth(0.5)
    canvas.line(x, bottom, x + SIGN_WIDTH, bottom)
    recorder.mark(canvas, fields[party.party_id], x, bottom, SIGN_WIDTH, SIGN_HEIGHT)
    _text(canvas, x, bottom - 18, f"姓名：{party.name}")
    _text(canvas, x, bottom - 34, f"身份证件号码：{party.id_number}")


def _institution(
    canvas: Canvas, x: float, top: float, column: float, part: Part, values: Mapping[str, str], recorder: Recorder
) -> None:
    _text(canvas, x, top - 14, f"{part.seal_label}（盖章）：", 12, bold=True)
    name_y, date_y = top - 52, top - 95
    size = 12.0
    while fonts.width(values["institution"], False, size) > column and size > 8:
        size -= 0.5
    _text(canvas, x, name_y, values["institution"], size)
    _text(canvas, x, top - 74, fill("法定代表人：{representative}", values))
    _text(canvas, x, date_y, fill("制作日期：{sign_date}", values))
    # The seal lies on the printed name and on the date (骑年盖月), which shows between its star and its lower words.
    middle = top - 75
    left = x + min(fonts.width(values["institution"], False, size) * 0.5, column - SEAL_DIAMETER - SQUARE_SIDE - 2)
    recorder.mark(canvas, SEAL_FIELD, left, middle - SEAL_DIAMETER / 2, SEAL_DIAMETER, SEAL_DIAMETER)
    # The legal representative's own beside it, at the height of their name.
    square = (x + column - SQUARE_SIDE, top - 74 - SQUARE_SIDE / 2)
    recorder.mark(canvas, SQUARE_FIELD, *square, SQUARE_SIDE, SQUARE_SIDE)
    canvas.setFillColor(MUTED)
