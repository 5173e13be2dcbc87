"""Generated PDFs read back by Poppler and QPDF."""

import json
import re
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from signing.adapters.documents import PaperDocuments, catalogue, templates
from signing.adapters.documents.compose import content_of
from signing.adapters.documents.values import contract_values
from signing.domain.case import RepaymentMethod
from signing.domain.errors import InputError
from signing.service.ports import Frozen
from tests.paper import BORROWER, INSTITUTION, OPENED, WIFE, case

DOCUMENTS = PaperDocuments()


def _run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _text(frozen: Frozen, folder: Path, page: int | None = None) -> str:
    path = folder / "read.pdf"
    path.write_bytes(frozen.pdf)
    pages = ["-f", str(page), "-l", str(page)] if page else []
    return _run("pdftotext", "-raw", *pages, path, "-")


def _body(text: str) -> str:
    """Without header, footer and white space."""
    furniture = re.compile(r"第 \d+ 页|^龙岩.*社$|^编号：")
    lines = [line for line in text.replace("\f", "\n").split("\n") if not furniture.search(line)]
    lines = [re.sub(r"^龙岩示范农村信用合作联社 编号：\S+", "", line) for line in lines]
    return re.sub(r"\s", "", "".join(lines))


@pytest.fixture(scope="module")
def frozen() -> list[Frozen]:
    return list(DOCUMENTS.generate(case(), INSTITUTION, OPENED))


def test_the_same_case_and_time_give_the_same_bytes(frozen: list[Frozen]) -> None:
    assert [one.pdf for one in DOCUMENTS.generate(case(), INSTITUTION, OPENED)] == [one.pdf for one in frozen]
    tomorrow = DOCUMENTS.generate(case(), INSTITUTION, OPENED + timedelta(days=1))
    assert tomorrow[-1].pdf != frozen[-1].pdf


def test_every_clause_can_be_read_out_of_the_pdf(frozen: list[Frozen], tmp_path: Path) -> None:
    for one in frozen:
        template = templates.load(one.kind)
        terms = contract_values(case(), INSTITUTION, (BORROWER,), OPENED, template.code)
        content = content_of(template, terms, (BORROWER,), one.fields, INSTITUTION)
        body = _body(_text(one, tmp_path))
        for part in content.parts:
            for clause in part.clauses:
                wanted = re.sub(r"\s|\*\*", "", templates.fill(clause.text, content.values))
                assert wanted in body, (one.kind, wanted[:40])


def test_the_contract_says_what_was_agreed(frozen: list[Frozen], tmp_path: Path) -> None:
    text = _text(frozen[-1], tmp_path)
    for wanted in ("壹拾捌万元整", "180,000.00", "3.85%", "2027年11月24日", "11010519491231002X", "577.50"):
        assert wanted in text
    for page in range(1, frozen[-1].pages + 1):
        assert f"第 {page} 页 共 {frozen[-1].pages} 页" in _text(frozen[-1], tmp_path, page).replace("\u3000", " ")


def test_the_stated_convention_gives_the_interest_of_the_schedule(frozen: list[Frozen], tmp_path: Path) -> None:
    """A monthly rate rounded to four places would give 577.44, which the schedule contradicts."""
    text = re.sub(r"\s", "", _text(frozen[-1], tmp_path))
    assert "月利率为年利率的十二分之一，约0.3208%" in text
    assert "利息＝本金×月数×月利率，月利率＝年利率÷12" in text
    assert "计算过程中不对利率作舍入" in text
    assert "577.50" in text


def test_no_paper_claims_a_day_of_signing_before_anybody_signed(frozen: list[Frozen], tmp_path: Path) -> None:
    for one in frozen:
        text = _text(one, tmp_path)
        assert "制作日期：" in text
        assert "签订日期" not in text


def test_people_sign_beneath_what_they_declare(frozen: list[Frozen], tmp_path: Path) -> None:
    """The last paragraph, whole; what stands before it fills the page before."""
    for one in frozen:
        part = templates.load(one.kind).parts[-2]
        paragraphs = [clause.text for clause in part.clauses] or part.text.strip().split("\n")
        said = paragraphs[-1].replace("**", "").split("{")[0][:16]
        last = _body(_text(one, tmp_path, one.pages))
        assert said in last, one.kind
        assert "（盖章）" in last


def test_templates_are_printed_with_full_width_punctuation() -> None:
    half = re.compile(r"[\u4e00-\u9fff》][,;:?!()]|[(][\u4e00-\u9fff]")
    for kind in templates.kinds():
        template = templates.load(kind)
        assert not [text for text in (*template.texts(), *template.basis) if half.search(text)]
    sources = [source for product in catalogue.products().values() for source in product.sources]
    assert not [source for source in sources if half.search(source)]


def test_fonts_are_embedded_and_the_file_is_sound(frozen: list[Frozen], tmp_path: Path) -> None:
    for one in frozen:
        path = tmp_path / f"{one.kind}.pdf"
        path.write_bytes(one.pdf)
        rows = _run("pdffonts", path).splitlines()[2:]
        assert rows
        assert all(row.split()[-5:-2] == ["yes", "yes", "yes"] for row in rows), rows
        assert "No syntax or stream encoding errors" in _run("qpdf", "--check", path)
        assert _run("pdfinfo", path).count("A4") == 1


def test_every_field_is_there_before_anybody_signs(frozen: list[Frozen], tmp_path: Path) -> None:
    for one in frozen:
        fields = _fields(one, tmp_path)
        assert set(one.fields.values()) | {"seal_institution"} <= set(fields)
        assert sum(name.startswith("straddle_") for name in fields) == (one.pages if one.pages > 1 else 0)
        assert not any("/V" in field for field in fields.values())
        for field in fields.values():
            left, bottom, right, top = field["/Rect"]
            assert 0 <= left < right <= 595.3
            assert 0 <= bottom < top <= 841.9


def _fields(one: Frozen, folder: Path) -> dict[str, dict[str, list[float]]]:
    path = folder / "fields.pdf"
    path.write_bytes(one.pdf)
    objects = json.loads(_run("qpdf", "--json=2", "--json-key=qpdf", path))["qpdf"][1]
    values = [item.get("value") for item in objects.values()]
    widgets = [value for value in values if isinstance(value, dict) and value.get("/Subtype") == "/Widget"]
    return {widget["/T"].removeprefix("u:"): widget for widget in widgets}


def test_rare_names_are_printed_and_read_back(tmp_path: Path) -> None:
    rare = case(replace(BORROWER, name="𠮷㛃䶮"))
    assert "𠮷㛃䶮" in _text(DOCUMENTS.generate(rare, INSTITUTION, OPENED)[-1], tmp_path)


def test_a_character_without_glyph_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="\U0001f600"):
        DOCUMENTS.generate(case(purpose="买茶苗\U0001f600"), INSTITUTION, OPENED)


@pytest.mark.parametrize("lines", range(0, 24, 4))
def test_signatures_never_stand_alone_on_a_page(lines: int, tmp_path: Path) -> None:
    long = case(purpose="购买茶苗与肥料，修缮茶园道路和水渠，" * (1 + lines * 2))
    for one in DOCUMENTS.generate(long, INSTITUTION, OPENED):
        last = _text(one, tmp_path, one.pages).split("（签名）")[0]
        assert len(_body(last)) > 40, one.kind


def test_two_borrowers_share_the_contract_and_each_authorise_alone(tmp_path: Path) -> None:
    made = DOCUMENTS.generate(case(BORROWER, WIFE), INSTITUTION, OPENED)
    assert [sorted(one.fields) for one in made] == [["pty_1"], ["pty_2"], ["pty_1"], ["pty_2"], ["pty_1", "pty_2"]]
    assert len(set(made[-1].fields.values())) == 2
    assert "李秀英" in _text(made[1], tmp_path)


@pytest.mark.parametrize("method", RepaymentMethod)
def test_schedules_of_three_years(method: RepaymentMethod, tmp_path: Path) -> None:
    contract = DOCUMENTS.generate(case(method=method, months=36), INSTITUTION, OPENED)[-1]
    assert "2029-11-24" in _text(contract, tmp_path)


def test_the_script_has_the_contracts_numbers() -> None:
    script = DOCUMENTS.script(case(), INSTITUTION)
    spoken = "".join(line.text for line in script)
    for wanted in ("王建国", "180,000.00", "壹拾捌万元整", "12个月", "3.85%", "577.50", "6,930.00", "18万"):
        assert wanted in spoken
    assert "{" not in spoken
