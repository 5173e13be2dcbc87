"""The lab as a whole: real Chromium pages and the real seat, over a short link."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.bench.call import PHONE
from media.errors import Unavailable
from media.lab.linkfile import load
from media.lab.pages import Pages, browsing
from media.lab.seat import SeatHost
from media.lab.trial import Kind, Trial, Way, trial

SECONDS = 4.0


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with browsing(PHONE) as opened:
        yield opened


@pytest.mark.parametrize("kind", list(Kind))
def test_both_kinds_of_call_give_figures_that_can_be(kind: Kind, pages: Pages) -> None:
    found = trial(kind, load("clean"), 1, SECONDS, pages)
    assert found.kind is kind
    for way in (found.up, found.down):
        _plausible(way)
    assert found.video_kbps > 20
    assert found.load > 0
    assert 0 <= found.stalled <= 1
    assert found.decoding > 0, "both ends tell how long decoding took"


def _plausible(way: Way) -> None:
    assert 1 < way.pictures.per_second < 20
    assert 0 <= way.pictures.frozen_share <= 1
    assert way.pictures.delay_ms is not None
    assert 40 < way.pictures.delay_ms < 5000
    assert way.pictures.first_ms is not None
    assert 40 < way.pictures.first_ms < 9000
    assert way.sound.missing_share < 0.7
    assert way.sound.delay_ms is not None
    assert 40 < way.sound.delay_ms < 5000
    assert 30 < way.offered_kbps < 5000
    assert way.lost_share == 0
    assert way.queue_p95_ms == 0
    assert 40 <= way.link_ms <= 60
    assert way.back_ms is None


def test_a_call_that_nothing_passes_shows_nothing(pages: Pages, tmp_path: Path) -> None:
    (tmp_path / "cut.toml").write_text("[both]\nloss = 1\n", encoding="utf-8")
    found = trial(Kind.OURS, load(str(tmp_path / "cut.toml")), 1, SECONDS, pages)
    assert _nothing(found) == [(0, 1, None, 1, None, 1)] * 2


def _nothing(found: Trial) -> list[tuple[float | None, ...]]:
    return [
        (
            way.pictures.per_second,
            way.pictures.frozen_share,
            way.pictures.first_ms,
            way.sound.missing_share,
            way.sound.delay_ms,
            way.lost_share,
        )
        for way in (found.up, found.down)
    ]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_call_comes_back_after_a_change_of_network(kind: Kind, pages: Pages, tmp_path: Path) -> None:
    (tmp_path / "train.toml").write_text("moves = [6]\n[both]\ndelay_ms = 20\n", encoding="utf-8")
    found = trial(kind, load(str(tmp_path / "train.toml")), 1, SECONDS, pages)
    for way in (found.up, found.down):
        assert way.pictures.first_ms is not None
        assert way.pictures.first_ms < 6000, "there was a call before"
        assert way.back_ms is not None
        assert way.pictures.frozen_share > 0


def test_an_offer_that_cannot_be_is_told() -> None:
    with SeatHost() as seat, pytest.raises(Unavailable, match="连接信息"):
        seat.answer("v=0\r\n")
