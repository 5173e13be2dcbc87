"""Every picture that the demonstration takes of itself has a title in words."""

import re
from pathlib import Path

import pytest

import desktop.demo
from tests.screenshots.journey import title_of

FOLDER = Path(desktop.demo.__file__).parent
TAKEN = re.compile(r"""\.shot\(\s*"([\w-]+)"\s*\)""")


@pytest.mark.parametrize(("file", "end"), [("customer.py", "phone"), ("shift.py", "window")])
def test_whatever_is_taken_has_a_title(file: str, end: str) -> None:
    names = TAKEN.findall((FOLDER / file).read_text(encoding="utf-8"))
    assert len(names) > 8
    for name in names:
        assert re.search(r"[\u4e00-\u9fff]", title_of(f"{end}-07-{name}")), name


def test_names_that_are_made_up_on_the_way_have_one_too() -> None:
    assert title_of("phone-03-precheck-look") == "客户手机：设备检测：看画面"
    assert title_of("phone-12-id_front-preview") == "客户手机：身份证人像面：核对照片"
    assert title_of("phone-31-stuck-queue") == "客户手机：停住了，排队"
    assert title_of("window-05-dropped-2") == "坐席窗口：第2位断线"
    assert title_of("window-20-audit-tab-3") == "坐席窗口：审计：第3页内容"
    assert title_of("window-08-proof-1") == "坐席窗口：挂断前核对（另一窗口）"


def test_what_nobody_named_is_found_out() -> None:
    with pytest.raises(KeyError):
        title_of("phone-01-nothing-of-the-kind")
