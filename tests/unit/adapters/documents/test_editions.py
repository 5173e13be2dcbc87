"""Editions of products and templates: the newest in effect on a case's day, and none before its day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from signing.adapters.documents import PaperDocuments, catalogue, checking, templates
from signing.adapters.documents.checking import INSTITUTION, specimen_case
from signing.adapters.documents.editions import newest
from signing.bootstrap import ProductCatalogue
from signing.domain.errors import InputError

SHIPPED = Path(str(templates.root()))
LINE, CONTRACT = "village_credit_line", "personal_loan_contract"
NEXT = date(2027, 3, 1)
EVE = datetime(2027, 2, 28, 15, 59, 59, tzinfo=UTC)
"""The last second of February in Beijing."""
MORNING = datetime(2027, 2, 28, 16, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """One product and all templates, to which editions can be added."""
    (tmp_path / "products").mkdir()
    (tmp_path / "products" / f"{LINE}.toml").write_text(_text(f"products/{LINE}.toml"), encoding="utf-8")
    for path in SHIPPED.iterdir():
        if (path / "template.toml").is_file():
            (tmp_path / path.name).mkdir()
            (tmp_path / path.name / "template.toml").symlink_to(path / "template.toml")
    monkeypatch.setattr(templates, "root", lambda: tmp_path)
    _forget()
    yield tmp_path
    _forget()


def _forget() -> None:
    catalogue.editions.cache_clear()
    templates.editions.cache_clear()


def _text(name: str) -> str:
    return (SHIPPED / name).read_text(encoding="utf-8")


def _dated(text: str, day: date = NEXT) -> str:
    assert "effective = 2026-01-01" in text
    return text.replace("effective = 2026-01-01", f"effective = {day}").replace(
        'version = "2026.', f'version = "{day.year}.'
    )


def _add_product(folder: Path, **changes: str) -> None:
    text = _dated(_text(f"products/{LINE}.toml"))
    for old, new in changes.items():
        text = text.replace(old, new)
    (folder / "products" / f"{LINE}.2027.toml").write_text(text, encoding="utf-8")


def test_the_newest_whose_day_has_come_counts_and_its_day_is_inside() -> None:
    product = catalogue.product(LINE)
    known = [replace(product, effective=day) for day in (date(2026, 1, 1), NEXT, date(2026, 7, 1))]
    for day, wanted in (
        (date(2025, 12, 31), None),
        (date(2026, 1, 1), date(2026, 1, 1)),
        (date(2026, 6, 30), date(2026, 1, 1)),
        (date(2027, 2, 28), date(2026, 7, 1)),
        (NEXT, NEXT),
    ):
        found = newest(known, day)
        assert (None if found is None else found.effective) == wanted


def test_a_new_edition_of_a_product_is_taken_from_its_day_on(folder: Path) -> None:
    _add_product(folder, **{'amount_max = "300000.00"': 'amount_max = "100000.00"'})

    def most(now: datetime) -> object:
        loan = ProductCatalogue(_At(now)).get(LINE).loan
        assert loan
        return loan.amount_max and int(loan.amount_max)

    assert (most(EVE), most(MORNING)) == (300_000, 100_000)
    assert ProductCatalogue(_At(EVE)).all()[LINE].version == "2026.1"


class _At:
    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


def test_a_product_cannot_be_had_before_its_day(folder: Path) -> None:
    path = folder / "products" / f"{LINE}.toml"
    path.write_text(_dated(path.read_text(encoding="utf-8")), encoding="utf-8")
    _forget()
    early = ProductCatalogue(_At(EVE))
    assert early.all() == {}
    with pytest.raises(InputError, match="信用村授信贷款自 2027-03-01 起办理"):
        early.get(LINE)
    assert ProductCatalogue(_At(MORNING)).get(LINE).product_id == LINE


def test_papers_are_drawn_by_the_edition_of_the_cases_day(folder: Path) -> None:
    (folder / CONTRACT / "template.2027.toml").write_text(_dated(_text(f"{CONTRACT}/template.toml")), encoding="utf-8")
    case = specimen_case(catalogue.product(LINE), full=False)
    versions = []
    for at in (EVE, MORNING):
        papers = PaperDocuments().generate(case, INSTITUTION, at)
        versions += [one.template_version for one in papers if one.kind == CONTRACT]
    assert versions == ["2026.3", "2027.3"]


def test_what_is_read_out_is_of_the_day_the_papers_were_drawn_up(folder: Path) -> None:
    _add_product(folder, 您申请的是="您要办的是")
    case = specimen_case(catalogue.product(LINE), full=False)
    for opened, said in ((EVE, "您申请的是"), (MORNING, "您要办的是")):
        lines = PaperDocuments().script(replace(case, opened_at=opened), INSTITUTION)
        assert any(line.text.startswith(said) for line in lines)


def test_a_template_that_is_not_in_effect_draws_nothing(folder: Path) -> None:
    path = folder / CONTRACT / "template.toml"
    text = path.read_text(encoding="utf-8")
    path.unlink()
    path.write_text(_dated(text), encoding="utf-8")
    _forget()
    said = "自 2027-03-01 起施行，2026-01-01 还不能使用"
    assert any(said in fault for fault in catalogue.faults()), "the product would begin before its paper"
    with pytest.raises(InputError, match="还不能使用"):
        templates.in_effect(CONTRACT, date(2027, 2, 28))
    assert templates.in_effect(CONTRACT, NEXT).version == "2027.3"


def test_two_editions_of_one_day_are_refused(folder: Path) -> None:
    _add_product(folder, **{"effective = 2027-03-01": "effective = 2026-01-01"})
    assert any("有两个版本从 2026-01-01 起施行" in fault for fault in catalogue.faults())
    copy = _text(f"{CONTRACT}/template.toml")
    (folder / CONTRACT / "template.again.toml").write_text(copy, encoding="utf-8")
    _forget()
    with pytest.raises(InputError, match="有两个版本从 2026-01-01 起施行"):
        templates.load(CONTRACT)


def test_a_wrong_later_edition_is_told_with_its_own_file(folder: Path) -> None:
    wrong = _dated(_text(f"{CONTRACT}/template.toml")).replace("{due_day}", "{due_daay}")
    (folder / CONTRACT / "template.2027.toml").write_text(wrong, encoding="utf-8")
    assert any(f"{CONTRACT}/template.2027.toml 第" in fault for fault in checking.faults())
