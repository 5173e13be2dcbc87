"""Ways to change a signed paper, each as a function from its revisions to the forged file."""

import io
import re
from collections.abc import Callable, Mapping

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.integration.pdf.conftest import Loan

Attack = Callable[[Loan], bytes]


def _changed(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer, output = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False), io.BytesIO()
    change(writer)
    writer.write(output)
    return output.getvalue()


def _draw(writer: IncrementalPdfFileWriter) -> None:
    RawContent(b"0 0 1 rg 100 100 200 200 re f").add_to_page(writer, 0)


def _field(writer: IncrementalPdfFileWriter, name: str) -> generic.IndirectObject:
    fields: list[generic.IndirectObject] = list(writer.root["/AcroForm"]["/Fields"])
    return next(one for one in fields if one.get_object()["/T"] == name)


def _shadow(writer: IncrementalPdfFileWriter) -> None:
    """A second field of the same name, filled with the first one's signature."""
    real = _field(writer, "sign_borrower_1").get_object()
    twin = generic.DictionaryObject({key: real.raw_get(key) for key in real})
    form = writer.root["/AcroForm"]
    form["/Fields"].append(writer.add_object(twin))
    writer.update_container(form["/Fields"])


def _face(writer: IncrementalPdfFileWriter) -> None:
    """Another handwriting over the same signature."""
    reference = _field(writer, "sign_borrower_1")
    field = reference.get_object()
    stream = generic.StreamObject(
        {pdf_name("/Type"): pdf_name("/XObject"), pdf_name("/Subtype"): pdf_name("/Form")},
        stream_data=b"0 0 50 50 re f",
    )
    stream[pdf_name("/BBox")] = generic.ArrayObject(map(generic.NumberObject, (0, 0, 196, 76)))
    field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(stream)})
    writer.mark_update(reference)


def _fonts(writer: IncrementalPdfFileWriter) -> None:
    """Every embedded font program gives way to nothing, so that other letters are shown."""
    fonts = writer.root["/Pages"]["/Kids"][0]["/Resources"]["/Font"]
    for name in fonts:
        reference = fonts[name]["/FontDescriptor"].raw_get("/FontFile2")
        reference.get_object()._data = b"\0" * 20
        writer.mark_update(reference)


def _font_map(writer: IncrementalPdfFileWriter) -> None:
    """Digits mapped to other glyphs."""
    fonts = writer.root["/Pages"]["/Kids"][0]["/Resources"]["/Font"]
    reference = fonts.raw_get(next(iter(fonts)))
    font = reference.get_object()
    font[pdf_name("/FirstChar")] = generic.NumberObject(1)
    writer.mark_update(reference)


def _note(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    note = generic.DictionaryObject(
        {pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/FreeText")}
    )
    note[pdf_name("/Rect")] = generic.ArrayObject(map(generic.NumberObject, (100, 100, 300, 200)))
    note[pdf_name("/Contents")] = generic.TextStringObject("0")
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page["/Annots"])


def _script(writer: IncrementalPdfFileWriter) -> None:
    action = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.TextStringObject("1")}
    writer.root[pdf_name("/OpenAction")] = generic.DictionaryObject(action)
    writer.update_root()


def _pages(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"].append(pages["/Kids"].raw_get(0))
    pages[pdf_name("/Count")] = generic.NumberObject(int(pages["/Count"]) + 1)
    writer.update_container(pages)


def _nothing(writer: IncrementalPdfFileWriter) -> None:
    writer.update_root()


def _without_last(loan: Loan) -> bytes:
    """Sealed, without the revision of the archive's time-stamp."""
    ends = [match.end() for match in re.finditer(rb"%%EOF\r?\n?", loan.sealed)]
    return loan.sealed[: ends[-2]]


def _swapped(loan: Loan) -> bytes:
    """The two customers' revisions in the other order."""
    frozen, first, second = loan.frozen.pdf, loan.first.pdf, loan.second.pdf
    return frozen + second[len(first) :] + first[len(frozen) :] + loan.sealed[len(second) :]


def _transplanted(loan: Loan) -> bytes:
    """The wife's signature where the borrower's was."""
    contents = list(re.finditer(rb"/Contents <([0-9A-Fa-f]+)>", loan.sealed))
    one, two = contents[0], contents[1]
    data = bytearray(loan.sealed)
    length = min(len(one[1]), len(two[1]))
    data[one.start(1) : one.start(1) + length] = two[1][:length]
    return bytes(data)


def _other_paper(loan: Loan) -> bytes:
    """One paper's revisions behind another's text."""
    return loan.single.pdf + loan.sealed[len(loan.frozen.pdf) :]


def _range(loan: Loan) -> bytes:
    """A signature said to cover less."""
    match = re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)", loan.sealed)
    assert match is not None
    shorter = str(int(match[4]) - 500).encode().rjust(len(match[4]), b"0")
    return loan.sealed[: match.start(4)] + shorter + loan.sealed[match.end(4) :]


def _emptied(loan: Loan) -> bytes:
    match = re.search(rb"/Contents <([0-9A-Fa-f]+)>", loan.sealed)
    assert match is not None
    return loan.sealed[: match.start(1)] + b"0" * len(match[1]) + loan.sealed[match.end(1) :]


def _over(change: Callable[[IncrementalPdfFileWriter], None], where: str = "sealed") -> Attack:
    def attack(loan: Loan) -> bytes:
        pdf = {"sealed": loan.sealed, "first": loan.first.pdf, "second": loan.second.pdf}[where]
        return _changed(pdf, change)

    return attack


ATTACKS: Mapping[str, Attack] = {
    "bytes appended": lambda loan: loan.sealed + b"\n% one more line\n",
    "a newline appended": lambda loan: loan.sealed + b"\n",
    "bytes put before": lambda loan: b"%PDF-1.7\n" + loan.sealed,
    "a revision without any change": _over(_nothing),
    "drawn on the page": _over(_draw),
    "drawn between two signatures": _over(_draw, "first"),
    "drawn before the seal": _over(_draw, "second"),
    "a note on the page": _over(_note),
    "a page more": _over(_pages),
    "a script": _over(_script),
    "a field shadowed": _over(_shadow),
    "a field shadowed between signatures": _over(_shadow, "first"),
    "another handwriting": _over(_face),
    "another handwriting before the seal": _over(_face, "second"),
    "fonts replaced": _over(_fonts),
    "fonts replaced before the seal": _over(_fonts, "second"),
    "a font's letters moved": _over(_font_map),
    "revisions swapped": _swapped,
    "the last revision removed": _without_last,
    "the seal removed": lambda loan: loan.second.pdf,
    "all but the first signature removed": lambda loan: loan.first.pdf,
    "all signatures removed": lambda loan: loan.frozen.pdf,
    "signatures exchanged": _transplanted,
    "behind another paper": _other_paper,
    "a shorter range": _range,
    "an empty signature": _emptied,
    "cut off": lambda loan: loan.sealed[:-2000],
    "sealed twice over": lambda loan: loan.sealed + loan.sealed,
}
