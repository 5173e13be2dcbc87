"""Calls that lose their path: our phone's page and our seat beside Chromium's own, over the same link."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.bench.call import PHONE
from media.lab.linkfile import LinkFile, load
from media.lab.pages import Pages, browsing
from media.lab.trial import Kind, Trial, trial

SECONDS = 4.0
TARGET = 1.5
"""Times as long as Chromium's own restart of ICE."""


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with browsing(PHONE) as opened:
        yield opened


def link(folder: Path, text: str) -> LinkFile:
    (folder / "link.toml").write_text(text, encoding="utf-8")
    return load(str(folder / "link.toml"))


def back(found: Trial) -> tuple[float, float]:
    """When the pictures came back, up and down."""
    assert found.up.back_ms is not None, "the seat never saw the phone again"
    assert found.down.back_ms is not None, "the phone never saw the seat again"
    return found.up.back_ms, found.down.back_ms


@pytest.mark.parametrize(
    "upset",
    [
        "moves = [4]\n[both]\ndelay_ms = 40\n",
        "[both]\ndelay_ms = 40\nblackouts = [[4, 10]]\n",
    ],
    ids=["another network", "nothing at all for six seconds"],
)
def test_ours_is_back_as_soon_as_a_restart_of_ice(upset: str, pages: Pages, tmp_path: Path) -> None:
    path = link(tmp_path, upset)
    theirs = back(trial(Kind.CHROMIUM, path, 1, SECONDS, pages))
    ours = back(trial(Kind.OURS, path, 1, SECONDS, pages))
    for mine, other in zip(ours, theirs, strict=True):
        assert mine <= TARGET * other
