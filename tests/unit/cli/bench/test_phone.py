"""``pingqian bench phone``: its rows, and the bare page that stands beside the link."""

from urllib.request import urlopen

import pytest

from signing.commandline.bench import phone
from signing.commandline.bench.phone import Opening, Round, table


def a_round(size: int = 40_000, milliseconds: float = 2_500, bare: float = 1_600) -> Round:
    first = Opening(milliseconds, [size - 1_000, 1_000])
    return Round(first, Opening(bare, [size]), Opening(900, [2_000]), Opening(3_100, [size]))


def test_every_goal_of_the_figures_has_its_row() -> None:
    size, usable, *others = table([a_round(), a_round(42_000, 2_700, 1_500), a_round(41_000, 9_000, 1_700)])
    assert (size.ours, size.target, size.met) == (41.0, "≤ 150 KB", True)
    assert (usable.ours, usable.anchor, usable.met) == (2_700, 1_600, True), "medians"
    assert usable.ratio == pytest.approx(2_700 / 1_600)
    assert "300 kbit/s、150 毫秒" in usable.goal
    assert [row.met for row in others] == [None] * 4, "only figures"
    assert others[0].ours == 2


@pytest.mark.parametrize(("size", "milliseconds", "met"), [(150_000, 3_000, True), (150_001, 3_001, False)])
def test_the_aims(size: int, milliseconds: float, met: bool) -> None:
    rows = table([a_round(size, milliseconds)])
    assert [row.met for row in rows[:2]] == [met, met]


def test_the_bare_page_has_as_many_bytes_and_cannot_be_made_smaller() -> None:
    with phone._bare(46_000) as url, urlopen(url) as answer:
        headers, body = str(answer.headers), answer.read()
    assert 45_700 < len(headers) + len(body) + len("HTTP/1.0 200 OK\r\n\r\n") < 46_300
    assert b"id=bare" in body
    assert "content-encoding" not in headers.lower()
