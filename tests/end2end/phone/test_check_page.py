"""The public check page in a browser: what it says of a file, and that it says nothing twice."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from signing.wire.audit import Verdict
from signing.wire.check import PaperChecked
from tests.screenshots.checkpage import Desk
from tests.screenshots.course import Course

pytestmark = pytest.mark.end2end
NO_SEAL, NO_STAMP, ADDED = "没有机构印章：尚未用印", "没有归档时间戳", "最后一次签章之后又追加了内容"


def checked(verdict: Verdict, headline: str, faults: list[str], missing: list[str]) -> PaperChecked:
    return PaperChecked(
        verdict=verdict, headline=headline, sha256="ab" * 32, revisions=[], faults=faults, missing=missing
    )


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN")
    yield context.new_page()
    context.close()


def test_what_the_headline_says_is_not_said_again(page: Page) -> None:
    found = {
        "signed": checked(Verdict.INCOMPLETE, f"不完整：{NO_SEAL}；{NO_STAMP}", [], [NO_SEAL, NO_STAMP]),
        "altered": checked(Verdict.ALTERED, f"已被改动或不可信：{ADDED}", [ADDED], [NO_STAMP]),
    }
    desk = Desk(Course(checked=found))
    desk.drop(page, "signed")
    said = page.inner_text("#verdict")
    assert [said.count(one) for one in (NO_SEAL, NO_STAMP)] == [1, 1]
    assert "缺少：没有" not in said
    desk.drop(page, "altered")
    said = page.inner_text("#verdict")
    assert [said.count(one) for one in (ADDED, NO_STAMP)] == [1, 1]
