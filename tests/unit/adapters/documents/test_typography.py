"""What the printed page looks like, read back by two foreign tools and by a camera's eye."""

import io
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import cv2
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.adapters.documents import PaperDocuments
from signing.adapters.documents.linebreak import NOT_FIRST, NOT_LAST
from signing.service.ports import Frozen
from tests.paper import BORROWER, INSTITUTION, OPENED, WIFE, case

NAMES = ("𠮷㛃䶮", "阿卜杜拉·买买提")
ADDRESS = "https://sign.example.cn/check"


def _run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def contract() -> Frozen:
    rare = case(replace(BORROWER, name=NAMES[0]), replace(WIFE, name=NAMES[1]), months=60)
    return PaperDocuments(ADDRESS).generate(rare, INSTITUTION, OPENED)[-1]


@pytest.fixture
def path(contract: Frozen, tmp_path: Path) -> Path:
    target = tmp_path / "contract.pdf"
    target.write_bytes(contract.pdf)
    return target


@pytest.mark.parametrize("tool", [("pdftotext", "-raw"), ("mutool", "draw", "-q", "-F", "txt")])
def test_rare_names_are_read_back_as_they_were_written(tool: tuple[str, ...], path: Path) -> None:
    text = _run(*tool, path, "-") if tool[0] == "pdftotext" else _run(*tool, path)
    for name in NAMES:
        assert name in text, tool[0]


def test_no_line_begins_or_ends_with_what_it_may_not(path: Path) -> None:
    lines = [line.strip() for line in _run("pdftotext", "-raw", path, "-").split("\n") if line.strip()]
    assert len(lines) > 200
    for line in lines:
        assert line[0] not in NOT_FIRST, line
        assert line[-1] not in NOT_LAST, line


def test_dates_and_amounts_stand_on_one_line(path: Path) -> None:
    text = _run("pdftotext", "-raw", path, "-")
    assert not re.search(r"[0-9.,][ \t]*\n[ \t]*(?:元|年|月|日|%|个月)", text)
    assert not re.search(r"[0-9],\n[0-9]{3}", text)
    for whole in ("2031年11月24日", "180,000.00元", "6217 0000 0000 0000 000"):
        assert whole in text


def test_articles_and_names_stand_on_one_line(path: Path) -> None:
    text = _run("pdftotext", "-raw", path, "-")
    assert not re.search(r"第[零一二三四五六七八九十百千]+\s*\n\s*[零一二三四五六七八九十百千]*条", text)
    assert not re.search(r"[×÷]\s*\n", text)
    for whole in ("第五百六十一条", "÷360", NAMES[1]):
        assert whole in text


def test_the_date_shows_between_the_star_and_the_lower_words_of_the_seal(contract: Frozen, path: Path) -> None:
    """The seal lies on it (骑年盖月), and it can still be read."""
    reader = PdfFileReader(io.BytesIO(contract.pdf))
    fields = [field.get_object() for field in reader.root["/AcroForm"]["/Fields"]]
    (seal,) = (field for field in fields if field["/T"] == "seal_institution")
    left, bottom, right, top = (float(edge) for edge in seal["/Rect"])
    page = str(contract.pages)
    boxes = _run("pdftotext", "-bbox", "-f", page, "-l", page, path, "-")
    date = re.search(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">制作日期', boxes)
    assert date, boxes
    x_min, y_min, x_max, y_max = map(float, date.groups())
    assert x_min < left < x_max, "the seal does not reach it"
    below = (y_min + y_max) / 2 - (841.89 - (bottom + top) / 2)
    assert 0.11 < below / (right - left) < 0.19, "in the way of the star or of the words"


def test_every_page_says_which_it_is_and_how_to_find_it_again(contract: Frozen, path: Path) -> None:
    for page in range(1, contract.pages + 1):
        text = _run("pdftotext", "-raw", "-f", str(page), "-l", str(page), path, "-").replace("\u3000", " ")
        assert f"第 {page} 页 共 {contract.pages} 页" in text
        assert re.search(r"查验码 [2-9A-Z]{4}-[2-9A-Z]{4}", text)


def test_a_camera_finds_the_look_up_code(contract: Frozen, path: Path, tmp_path: Path) -> None:
    printed = re.search(r"查验码 ([2-9A-Z]{4}-[2-9A-Z]{4})", _run("pdftotext", "-raw", path, "-"))
    assert printed
    _run("pdftoppm", "-r", "200", "-png", "-f", "2", "-l", "2", path, tmp_path / "page")
    (picture,) = tmp_path.glob("page*.png")
    image = cv2.imread(str(picture))
    assert image is not None
    height, width = image.shape[:2]
    corner = image[int(height * 0.92) :, int(width * 0.75) :]
    assert cv2.QRCodeDetector().detectAndDecode(corner)[0] == f"{ADDRESS}?code={printed[1]}"


def test_the_signatures_of_a_whole_family_stay_together(tmp_path: Path) -> None:
    """Each signer, and the seal, on the last page with the declaration they sign."""
    made = PaperDocuments().generate(case(BORROWER, WIFE, replace(WIFE, party_id="pty_3")), INSTITUTION, OPENED)[-1]
    target = tmp_path / "family.pdf"
    target.write_bytes(made.pdf)
    last = _run("pdftotext", "-raw", "-f", str(made.pages), "-l", str(made.pages), target, "-")
    assert last.count("（签名）") == 3
    assert "（盖章）" in last
    assert "借款人声明" in re.sub(r"\s", "", last)
