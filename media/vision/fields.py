"""What the rows of a resident ID card say (GA 490, second generation). Pure: text in, fields out.

Labels may be missing, glued to their value or split from it; then the order of the lines decides.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from media.vision.layout import Row

FRONT_LABELS = ("姓名", "性别", "民族", "出生", "住址", "公民身份号码")
BACK_LABELS = ("中华人民共和国", "居民身份证", "签发机关", "有效期限")
HAN = r"\u3400-\u9fff\U00020000-\U0003ffff"
PEOPLES = (
    "汉", "满", "蒙古", "回", "藏", "维吾尔", "苗", "彝", "壮", "布依", "侗", "瑶",
    "白", "土家", "哈尼", "哈萨克", "傣", "黎", "傈僳", "佤", "畲", "高山", "拉祜", "水",
    "东乡", "纳西", "景颇", "柯尔克孜", "土", "达斡尔", "仫佬", "羌", "布朗", "撒拉", "毛南", "仡佬",
    "锡伯", "阿昌", "普米", "朝鲜", "塔吉克", "怒", "乌孜别克", "俄罗斯", "鄂温克", "德昂", "保安", "裕固",
    "京", "塔塔尔", "独龙", "鄂伦春", "赫哲", "门巴", "珞巴", "基诺", "穿青人",
)  # fmt: skip
AS_DIGIT = str.maketrans({"O": "0", "o": "0", "D": "0", "Q": "0", "I": "1", "l": "1", "|": "1", "Z": "2", "S": "5"})
NUMBER = re.compile(r"[1-9]\d{16}[\dX]")
DATE = r"(\d{4})\D{0,2}?(\d{2})\D{0,2}?(\d{2})"


@dataclass(frozen=True)
class Field:
    """``confidence`` 0 … 1 is the engine's, lowered where a label was missing."""

    text: str
    confidence: float


Fields = dict[str, Field]


def evidence(rows: Sequence[Row], labels: Sequence[str]) -> int:
    """How many of ``labels`` are legible, wholly or all but one character."""
    text = "\n".join(row.text for row in rows)
    return sum(any(part in text for part in _nearly(label)) for label in labels)


def front(rows: Sequence[Row]) -> Fields:
    """``name sex ethnicity birth address number`` as far as found. ``birth`` is ISO 8601."""
    found: Fields = {}
    number_at = _number(rows, found)
    upper = [row for row in rows if number_at is None or row.y < number_at.y]
    birth_at = _birth(upper, found)
    sex_at = _sex_and_people(upper, found)
    first = sex_at or birth_at
    _name([row for row in upper if first is None or row.y < first.y], found)
    _address([row for row in upper if birth_at is None or row.y > birth_at.y], found)
    return found


def back(rows: Sequence[Row]) -> Fields:
    """``authority valid_from valid_until`` as far as found; dates in ISO 8601, or 长期."""
    found: Fields = {}
    for row in rows:
        text = re.sub(r"^.{0,2}签?发机关?[::]?", "", row.text) if "机关" in row.text or "签发" in row.text else row.text
        office = re.search(rf"[{HAN}]{{2,}}(?:公安局|分局|公安厅|派出所)", text)
        if office or text != row.text:
            found.setdefault("authority", Field(office[0] if office else text, row.score))
        _validity(row, found)
    return found


def _nearly(label: str) -> list[str]:
    if len(label) < 4:
        return [label]
    return [label, label[1:], label[:-1]]


def _number(rows: Sequence[Row], found: Fields) -> Row | None:
    """Looks for 18 characters in each row; letters that a number cannot hold are read as the digits they resemble."""
    for row in reversed(rows):
        text = re.sub(r"^\D*?码[::]?", "", row.text).replace("x", "X").replace("×", "X").translate(AS_DIGIT)
        match = NUMBER.search(re.sub(r"[^\dX]", "", text))
        if match:
            found["number"] = Field(match[0], row.score)
            return row
    return next((row for row in reversed(rows) if "号码" in row.text or "公民身份" in row.text), None)


def _birth(rows: Sequence[Row], found: Fields) -> Row | None:
    for row in rows:
        match = re.search(r"(\d{4})年?(\d{1,2})月(\d{1,2})日?", row.text.translate(AS_DIGIT))
        if match:
            iso = f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}"
            found["birth"] = Field(iso, row.score)
            return row
    return next((row for row in rows if "出生" in row.text), None)


def _sex_and_people(rows: Sequence[Row], found: Fields) -> Row | None:
    for row in rows:
        match = re.search(r"(?:性?别[::]?)(男|女)|^(男|女)(?=民|$|.{0,2}族)", row.text)
        people = re.search(r"民?族[::]?(\S+)$", row.text)
        if match:
            found["sex"] = Field(match[1] or match[2], row.score)
        if people:
            found["ethnicity"] = _people(people[1], row.score)
        if match or people or "性别" in row.text:
            return row
    return None


def _people(text: str, score: float) -> Field:
    known = max((name for name in PEOPLES if text.startswith(name)), key=len, default=None)
    return Field(known, score) if known else Field(text, 0.5 * score)


def _name(rows: Sequence[Row], found: Fields) -> None:
    """Under the label 姓名, or else the last line of Han characters above the sex."""
    for labelled in (True, False):
        for row in reversed(rows):
            text, cut = re.subn(r"^.{0,1}?(?:姓名|姓|名)[::]?", "", row.text)
            name = re.fullmatch(rf"[{HAN}][{HAN}·•.]{{1,19}}", text)
            if name and bool(cut) == labelled and (cut or text[0] not in "男女"):
                found["name"] = Field(name[0].replace("•", "·").replace(".", "·"), row.score * (1 if cut else 0.7))
                return


def _address(rows: Sequence[Row], found: Fields) -> None:
    parts: list[str] = []
    scores: list[float] = []
    usual = max((row.height for row in rows if "住" in row.text), default=None)
    for row in rows:
        if usual is not None and not 0.5 * usual < row.height < 2 * usual:
            continue
        text = re.sub(r"^(?:住址|住|址)[::]?", "", row.text)
        if re.search(rf"[{HAN}\d]", text) and "号码" not in text:
            parts.append(text)
            scores.append(row.score)
    if parts:
        found["address"] = Field("".join(parts), min(scores))


def _validity(row: Row, found: Fields) -> None:
    match = re.search(rf"{DATE}\D{{0,3}}?(?:{DATE}|(长期|长|期$))", row.text.translate(AS_DIGIT))
    if match:
        found["valid_from"] = Field("-".join(match.group(1, 2, 3)), row.score)
        until = "长期" if match[7] else "-".join(match.group(4, 5, 6))
        found["valid_until"] = Field(until, row.score)
