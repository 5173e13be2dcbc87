"""``pingqian bench phone`` as it is run: a real service, a real browser, a thin line."""

import argparse

import pytest

from signing.commandline.bench.phone import CHROMIUM, DELAY_MS, KBPS, PHONE
from signing.commandline.bench.table import NotMeasured

pytestmark = pytest.mark.end2end


def test_the_link_is_opened_over_the_line_beside_a_page_of_as_many_bytes() -> None:
    rows = PHONE.measure(argparse.Namespace(rounds=1, chromium=CHROMIUM))
    size, usable, requests, size_again, usable_again, slow = rows
    assert size.met
    assert usable.anchor is not None
    least = DELAY_MS + 8 * 1000 * size.ours / KBPS
    assert usable.anchor > 0.9 * least, "as long as the line takes for the bytes"
    assert usable.ours > 0.9 * least
    assert slow.ours > 0.9 * least
    assert requests.ours > 10
    assert size_again.ours < size.ours / 4, "files are kept"
    assert usable_again.ours > 0.9 * DELAY_MS, "one way over the line at least; how much sooner depends on the machine"


def test_without_the_browser_it_says_what_to_do() -> None:
    with pytest.raises(NotMeasured, match="找不到浏览器"):
        PHONE.measure(argparse.Namespace(rounds=1, chromium="/nowhere/chromium"))
