"""The stage as the recording keeps it: who is on it, what is the matter with them, what is read."""

from functools import partial

from PIL import Image

from desktop.demo.portrait import scene as face
from desktop.seat.leaves import drawn
from media.compositor import Compositor, Header, Page, TileState, TileView
from media.core.layout import Shape
from media.lettering import APART_WORDS, hold_picture
from media.pictures import from_rgb, to_rgb
from media.tiles import MUTED, UNHEARD
from tests.screenshots.course import Course
from tests.screenshots.registry import chapter, still

LIVE = TileState.LIVE
ROLES = (
    "坐席 张敏",
    "借款人 王*兰",
    "共同借款人 丁*山",
    "保证人 王*田",
    "保证人 丁*兰",
    "抵押人 田*山",
    "保证人 田*兰",
    "保证人 丁*田",
)
MOST = len(ROLES)


def tile(number: int, state: TileState = LIVE, line: str = "风险告知", **more: object) -> TileView:
    picture = from_rgb(face(number % 4)) if state is LIVE else None
    seat = number == 0
    views = {"speaking": number == 1 and state is LIVE, "bars": None if seat else 4} | more
    return TileView(ROLES[number], "07号席" if seat else line, state, picture, **views)  # type: ignore[arg-type]


def stage(*tiles: TileView, shape: Shape = Shape.GRID, page: Page | None = None, aside: str = "") -> Image.Image:
    header = Header("上杭支行 · 07号席", "2026-00318", "2026-11-27 10:12:08", recording=True, aside=aside)
    composed = Compositor(1280, 720).compose(header, tiles, 1, shape, page)
    return Image.fromarray(to_rgb(composed))


def of(count: int, course: Course) -> Image.Image:
    return stage(*map(tile, range(count)))


def missing(state: TileState, course: Course) -> Image.Image:
    return stage(tile(0), tile(1), tile(2, state, bars=0 if state is TileState.DROPPED else 4))


def paper(count: int, course: Course) -> Image.Image:
    """The borrower's contract beside everybody."""
    case = course.seat["reading"].case
    assert case is not None
    number = next(at for at, one in enumerate(case.documents) if one.title == "个人借款合同")
    picture = drawn(course.paper(number), 2)
    assert picture is not None
    page = Page(picture, "《个人借款合同》", f"第 2 页，共 {case.documents[number].pages} 页")
    return stage(*(tile(number, line="阅读") for number in range(count)), shape=Shape.DOCUMENT, page=page)


def speaker(course: Course) -> Image.Image:
    return stage(*map(tile, (1, 0, 2, 3, 4)), shape=Shape.SPEAKER)


def alone(course: Course) -> Image.Image:
    apart = [tile(number, TileState.APART) for number in (2, 3)]
    return stage(tile(0), tile(1), *apart, aside="单独谈话：借款人 王*兰")


def marked(course: Course) -> Image.Image:
    marks = ("协助人在场", MUTED)
    return stage(tile(0), tile(1, marks=marks, bars=2), tile(2, bars=1))


def unheard(course: Course) -> Image.Image:
    return stage(tile(0, marks=(UNHEARD,)), tile(1), tile(2, marks=(UNHEARD, "协助人在场")))


def notice(course: Course) -> Image.Image:
    return stage(tile(0), tile(1), aside="本机时钟被改动，录像时间以服务器为准")


def held(words: tuple[str, ...], course: Course) -> Image.Image:
    """What a customer sees meanwhile."""
    return Image.fromarray(to_rgb(hold_picture(640, 360, *words)))


chapter("film", "通话人数")
for _count, _words in (
    (1, "只有坐席"),
    (2, "坐席和借款人"),
    (3, "三人"),
    (4, "四人"),
    (5, "五人"),
    (MOST, "最多：八人"),
):
    still("film", f"film_{_count}", _words, partial(of, _count))
chapter("film", "当事人看不到时")
for _state in TileState:
    if _state is not LIVE:
        still("film", f"film_{_state.name.lower()}", _state.words[0] + "：" + _state.words[1], partial(missing, _state))
chapter("film", "排布和标记")
still("film", "film_paper", "读文书，两人", partial(paper, 2))
still("film", "film_paper_5", "读文书，五人", partial(paper, 5))
still("film", "film_speaker", "谁说话谁大", speaker)
still("film", "film_alone", "单独谈话", alone)
still("film", "film_marks", "协助人、静音、线路差", marked)
still("film", "film_unheard", "坐席和一位当事人的话筒没有声音", unheard)
still("film", "film_notice", "整通的提示", notice)
chapter("film", "客户被请稍候时看到的")
still("film", "film_sees_held", "通话保持", partial(held, ()))
still("film", "film_sees_apart", "正在与他人单独谈话", partial(held, (APART_WORDS,)))
