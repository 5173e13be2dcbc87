"""What lies on paper: every template with its longest contents, and a case's papers as they are signed and sealed."""

import math
from collections.abc import Callable, Sequence
from functools import partial

import pypdfium2
from PIL import Image

from signing.adapters.documents import previewing, templates
from tests.screenshots.course import Course
from tests.screenshots.registry import chapter, still

WIDTH = 1000
"""Pixels of a page."""
ACROSS, GAP, GROUND = 3, 24, "#dde3df"


def pages(pdf: bytes, wanted: Sequence[int] = ()) -> list[Image.Image]:
    """Pictures of the pages of these numbers from 0, negative ones from the end; of all where there are none."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        document.init_forms()
        numbers = [number % len(document) for number in wanted] or range(len(document))
        return [_page(document, number) for number in numbers]
    finally:
        document.close()


def _page(document: pypdfium2.PdfDocument, number: int) -> Image.Image:
    page = document[number]
    drawn: Image.Image = page.render(scale=WIDTH / page.get_width(), may_draw_forms=True).to_pil().convert("RGB")
    return drawn


def spread(sheets: Sequence[Image.Image]) -> Image.Image:
    """Pages beside and below each other."""
    across = min(ACROSS, len(sheets))
    height = max(one.height for one in sheets)
    rows = math.ceil(len(sheets) / across)
    whole = Image.new("RGB", (across * (WIDTH + GAP) + GAP, rows * (height + GAP) + GAP), GROUND)
    for number, sheet in enumerate(sheets):
        whole.paste(sheet, (GAP + number % across * (WIDTH + GAP), GAP + number // across * (height + GAP)))
    return whole


def of_template(kind: str, course: Course) -> Image.Image:
    template = templates.load(kind)
    return spread(pages(previewing.drawn(template, previewing._fullest(template))))


def of_case(papers: Callable[[Course], dict[str, str]], wanted: Sequence[int], course: Course) -> Image.Image:
    """Of the case's contract."""
    case = course.seat["reading"].case
    assert case is not None
    contract = next(one for one in case.documents if one.title == "个人借款合同")
    return spread(pages(bytes.fromhex(papers(course)[contract.document_id]), wanted))


chapter("papers", "一笔业务的文书")
still("paper", "paper_frozen", "待签", partial(of_case, lambda course: course.papers, ()))
still("paper", "paper_signed", "借款人已签名，签署页", partial(of_case, lambda course: course.later["signed"], (-1,)))
still("paper", "paper_sealed", "已用印，签署页", partial(of_case, lambda course: course.later["sealed"], (-1,)))


def all_sealed(course: Course) -> Image.Image:
    """The last page of each paper."""
    return spread([pages(bytes.fromhex(one), (-1,))[0] for one in course.later["sealed"].values()])


still("paper", "papers_sealed", "全部文书的签署页，已用印", all_sealed)
chapter("papers", "全部模板，内容最多的样本")
for _kind in templates.kinds():
    still("paper", f"template_{_kind}", templates.load(_kind).title, partial(of_template, _kind))
