"""The public check page, over what the real service says of real files. Nobody listens: the answers are put in."""

import json
import mimetypes
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, Route

from signing.web.routes import check as routes
from signing.wire.base import Message
from tests.screenshots.course import Course
from tests.screenshots.registry import chapter, check

HOST = "https://check.invalid"
PHONE = routes.FOLDER.parent / "phone"


@dataclass
class Desk:
    course: Course

    def open(self, page: Page, query: str = "") -> None:
        page.route(f"{HOST}/**", lambda route: self._file(route))
        page.goto(f"{HOST}/check{query}", wait_until="networkidle")

    @staticmethod
    def _file(route: Route) -> None:
        path = route.request.url.removeprefix(HOST).split("?")[0].removeprefix("/check").lstrip("/") or "index.html"
        folder = PHONE if path.startswith("phone/") else routes.FOLDER
        file: Path = folder / path.removeprefix("phone/")
        if file.exists():
            kind = mimetypes.guess_type(file.name)[0] or "text/plain"
            route.fulfill(body=file.read_bytes(), content_type=f"{kind}; charset=utf-8")
        else:
            route.fulfill(status=404)

    def answer(self, page: Page, of: str, body: Message | dict[str, str] | None, status: int = 200) -> None:
        said = body.model_dump_json() if isinstance(body, Message) else json.dumps(body)
        page.route(f"{HOST}/api/check/{of}", lambda route: route.fulfill(status=status, json=json.loads(said)))

    def drop(self, page: Page, name: str) -> None:
        """A file of which the service said so in the course."""
        self.open(page)
        self.answer(page, "paper", self.course.checked[name])
        self.choose(page)

    @staticmethod
    def choose(page: Page, size: int = 2_000) -> None:
        with tempfile.NamedTemporaryFile(prefix="paper-", suffix=".pdf") as file:
            file.truncate(size)
            page.set_input_files("#file", file.name)
        page.wait_for_selector("#verdict .headline")
        page.wait_for_timeout(200)

    def look_up(self, page: Page, code: str) -> None:
        page.fill("#code", code)
        page.click("#by-code button")
        page.wait_for_selector("#verdict .headline")
        page.wait_for_timeout(200)


@contextmanager
def running_desk(course: Course) -> Iterator[Desk]:
    yield Desk(course)


chapter("check", "打开")


@check("打开查验页")
def check_empty(page: Page, desk: Desk) -> None:
    desk.open(page)


@check("正在查验")
def check_waiting(page: Page, desk: Desk) -> None:
    desk.open(page)
    page.route(f"{HOST}/api/check/paper", lambda route: None)
    desk.choose(page)


chapter("check", "查验电子文书")


@check("真实有效，本系统留存")
def check_valid(page: Page, desk: Desk) -> None:
    desk.drop(page, "valid")


@check("已签名，还没有用印")
def check_signed(page: Page, desk: Desk) -> None:
    desk.drop(page, "signed")


@check("还没有人签名")
def check_unsigned(page: Page, desk: Desk) -> None:
    desk.drop(page, "unsigned")


@check("已被改动")
def check_altered(page: Page, desk: Desk) -> None:
    desk.drop(page, "altered")


@check("不是 PDF 文书")
def check_unreadable(page: Page, desk: Desk) -> None:
    desk.drop(page, "unreadable")


chapter("check", "凭查验码")


@check("查到用印记录")
def check_code(page: Page, desk: Desk) -> None:
    desk.open(page)
    desk.answer(page, "codes/*", desk.course.found)
    desk.look_up(page, desk.course.code)


@check("没有这个查验码")
def check_code_none(page: Page, desk: Desk) -> None:
    desk.open(page)
    hint = "请核对页脚的查验码；没有用印的、系统升级以前用印的文书查不到，可以上传电子原件查验"
    said = {"code": "not_found", "message": "没有查到这个查验码的用印记录", "hint": hint}
    desk.answer(page, "codes/*", said, 404)
    desk.look_up(page, "G6N7-BL66")


chapter("check", "查不成")


@check("文件太大")
def check_large(page: Page, desk: Desk) -> None:
    desk.open(page)
    desk.choose(page, (16 << 20) + 1)


@check("查得太频繁")
def check_slowed(page: Page, desk: Desk) -> None:
    desk.open(page)
    said = {"code": "too_many", "message": "操作太频繁了", "hint": "请等 20 秒再试"}
    desk.answer(page, "paper", said, 429)
    desk.choose(page)


@check("没有连上服务")
def check_offline(page: Page, desk: Desk) -> None:
    desk.open(page)
    page.route(f"{HOST}/api/check/paper", lambda route: route.abort())
    desk.choose(page)
