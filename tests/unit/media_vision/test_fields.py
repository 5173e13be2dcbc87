"""The parsing of rows, away from any engine: what OCR does to labels and values on bad days."""

import numpy as np
import pytest

from media.vision import fields
from media.vision.layout import Row, hull, rows, upright_share
from media.vision.ocr import Line

PITCH = 70.0


def line(text: str, x: float, y: float, angle: float = 0.0) -> Line:
    """A box 30 pixels a character wide and 40 high, turned about the origin."""
    flat = np.array([[x, y], [x + 30 * len(text), y], [x + 30 * len(text), y + 40], [x, y + 40]], dtype=np.float64)
    t = np.radians(angle)
    return Line(text, 0.95, flat @ np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]]))


def on_end(text: str, x: float) -> Line:
    """As the engine reports it: corners from the picture's top left, taller than wide."""
    y = 100 + 30 * len(text)
    return Line(text, 0.95, np.array([[x, 100], [x + 40, 100], [x + 40, y], [x, y]], dtype=np.float64))


def card(*texts: str, angle: float = 0.0) -> list[Row]:
    """One text a row; ``|`` splits a row into boxes."""
    lines = []
    for index, text in enumerate(texts):
        x = 100.0
        for part in text.split("|"):
            lines.append(line(part, x, 100 + PITCH * index, angle))
            x += 30 * len(part) + 40
    return rows(lines)


WHOLE = (
    "姓名|王秀兰",
    "性别|女|民族|汉",
    "出生|1949年12月31日",
    "住址|福建省上杭县茶岭镇示范",
    "村12号",
    "公民身份号码|11010519491231002X",
)


def front(*texts: str, angle: float = 0.0) -> dict[str, str]:
    return {name: field.text for name, field in fields.front(card(*texts, angle=angle)).items()}


GOOD = {
    "name": "王秀兰",
    "sex": "女",
    "ethnicity": "汉",
    "birth": "1949-12-31",
    "address": "福建省上杭县茶岭镇示范村12号",
    "number": "11010519491231002X",
}


@pytest.mark.parametrize("angle", [-6.0, -2.0, 0.0, 3.0, 6.0])
def test_a_tilted_card_has_the_same_rows(angle: float) -> None:
    assert front(*WHOLE, angle=angle) == GOOD


def test_glued_and_split_boxes() -> None:
    glued = tuple(text.replace("|", "") for text in WHOLE)
    assert front(*glued) == GOOD
    split = (*WHOLE[:2], "出生|1949|年|12|月|31|日", *WHOLE[3:5], "公民身份号码|110105|19491231|002X")
    assert front(*split) == GOOD


@pytest.mark.parametrize("gone", ["姓名|", "住址|", "公民身份号码|", "出生|"])
def test_one_missing_label_is_survived(gone: str) -> None:
    assert front(*(text.replace(gone, "") for text in WHOLE)) == GOOD


def test_a_name_without_its_label_is_less_certain() -> None:
    sure = fields.front(card(*WHOLE))["name"].confidence
    unsure = fields.front(card("王秀兰", *WHOLE[1:]))["name"].confidence
    assert unsure < sure


@pytest.mark.parametrize(
    "read",
    ["11010519491231002x", "11O1O5194912310O2X", "1101 0519 4912 3100 2X", "11010519491231002×", "l1010519491231002X"],
)
def test_letters_that_no_number_holds_become_digits(read: str) -> None:
    assert front(*WHOLE[:5], f"公民身份号码|{read}")["number"] == "11010519491231002X"


def test_a_short_number_is_no_number() -> None:
    assert "number" not in front(*WHOLE[:5], "公民身份号码|1101051949123100")


def test_watermarks_are_left_out() -> None:
    lines = [line("样本SPECIMEN", 300, 250, 0), line("龙岩农信", 500, 150, 14), line("仅供贷款使用", 100, 420, 0)]
    for index, text in enumerate(WHOLE):
        lines.append(line(text.replace("|", ""), 100, 100 + PITCH * index))
    assert {name: field.text for name, field in fields.front(rows(lines)).items()} == GOOD


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("有效期限|2016.08.12-长期", "2016-08-12", "长期"),
        ("有效期限|2016.08.12-2036.08.12", "2016-08-12", "2036-08-12"),
        ("有效期限2016.08.12|2036.08.12", "2016-08-12", "2036-08-12"),
        ("20160812-20360812", "2016-08-12", "2036-08-12"),
        ("有效期限|2016.O8.12一长期", "2016-08-12", "长期"),
    ],
)
def test_validity_in_all_its_spellings(text: str, start: str, end: str) -> None:
    found = fields.back(card("签发机关|上杭县公安局", text))
    assert (found["valid_from"].text, found["valid_until"].text) == (start, end)
    assert found["authority"].text == "上杭县公安局"


def test_authority_without_its_label() -> None:
    assert fields.back(card("厦门市公安局思明分局"))["authority"].text == "厦门市公安局思明分局"


def test_the_longest_people_wins_and_an_unknown_one_is_doubted() -> None:
    assert front(*WHOLE[:1], "性别|男|民族|哈萨克", *WHOLE[2:])["ethnicity"] == "哈萨克"
    found = fields.front(card(*WHOLE[:1], "性别|男|民族|叹", *WHOLE[2:]))["ethnicity"]
    assert (found.text, found.confidence < 0.6) == ("叹", True)


def test_evidence_forgives_one_character_of_long_labels() -> None:
    assert fields.evidence(card("公民身份号", "性别女"), fields.FRONT_LABELS) == 2
    assert fields.evidence(card("今日特价", "咖啡"), fields.FRONT_LABELS + fields.BACK_LABELS) == 0


def test_upright_share_and_hull() -> None:
    level = [line("福建省上杭县", 100, 100), line("公民身份号码", 100, 300)]
    assert upright_share(level) == 1.0
    assert upright_share([on_end("福建省上杭县", 100), on_end("公民身份号码", 200), line("女", 300, 300)]) == 0.0
    assert hull(level) == (100, 100, 280, 340)
    assert rows([]) == []
