"""Link files: all that is in the format is read, and what is wrong is told in words."""

from pathlib import Path

import pytest

from media.core.link import Burst, Policer, Shape, Step, Trace
from media.errors import Unavailable
from media.lab.linkfile import built_in, load

EVERYTHING = """
title = "山里的 4G"
moves = [12.5]

[both]
delay_ms = 40
jitter_ms = 20
reorder = 0.01
reorder_ms = 30

[phone_to_seat]
rate_trace = "hills.txt"
queue_bytes = 30_000
burst = { enter = 0.01, leave = 0.3 }
blackouts = [[8, 18], [30.5, 31]]

[seat_to_phone]
delay_ms = 60
loss = 0.02
rate_kbps = 900
queue_ms = 250
policer = { kbps = 1000, bucket_bytes = 20_000 }
"""


def written(folder: Path, text: str) -> str:
    path = folder / "village.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_everything_is_read_and_a_direction_goes_before_both(tmp_path: Path) -> None:
    (tmp_path / "hills.txt").write_text("0 800\n10 200\n15 0\n", encoding="utf-8")
    link = load(written(tmp_path, EVERYTHING))
    assert (link.name, link.title, link.moves) == ("village", "山里的 4G", (12.5,))
    assert link.dark == ((8, 18), (30.5, 31))
    assert link.upset == 31
    assert link.up == Shape(
        delay_ms=40, jitter_ms=20, reorder=0.01, reorder_ms=30, queue_bytes=30_000, burst=Burst(0.01, 0.3, 1.0),
        rate=Trace((Step(0, 800), Step(10, 200)), 15), blackouts=((8, 18), (30.5, 31)),
    )  # fmt: skip
    assert link.down == Shape(
        delay_ms=60, jitter_ms=20, reorder=0.01, reorder_ms=30, loss=0.02, rate=900, queue_ms=250,
        policer=Policer(1000, 20_000),
    )  # fmt: skip


def test_an_empty_file_is_a_cable(tmp_path: Path) -> None:
    link = load(written(tmp_path, ""))
    assert (link.title, link.up, link.down, link.upset) == ("village", Shape(), Shape(), None)


def test_every_link_that_comes_with_the_package_is_right() -> None:
    names = built_in()
    assert {
        "clean",
        "loss5",
        "loss10",
        "loss20",
        "burst",
        "300k",
        "150k",
        "100k",
        "policed300k",
        "blackout10",
        "move",
    } <= set(names)
    for name in names:
        link = load(name)
        assert link.up == link.down
        assert (link.up.delay_ms, link.up.jitter_ms) == (40, 20), "80 to 120 ms there and back"
    assert load("loss20").up.loss == 0.2
    assert load("150k").up.rate == 150


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[both]\nlatency = 4", "方向里的 latency 不认识"),
        ("[up]\nloss = 0.1", "文件里的 up 不认识"),
        ("both = 3", "both 应当是一个表"),
        ("title = 3", "title 应当是文字"),
        ("[both]\nloss = 5", "百分之五写成 0.05"),
        ("[both]\nloss = -0.1", "不小于零"),
        ("[both]\ndelay_ms = 'x'", "delay_ms 应当是"),
        ("[both]\ndelay_ms = true", "delay_ms 应当是"),
        ("[both]\ndelay_ms = nan", "delay_ms 应当是"),
        ("[both]\nrate_kbps = 0\nqueue_ms = 100", "rate_kbps 应当大于零"),
        ("[both]\nrate_kbps = 100", "写明队列有多长"),
        ("[both]\nqueue_ms = 100", "不起作用"),
        ("[both]\nrate_kbps = 1\nrate_trace = 'x'\nqueue_ms = 1", "只能写一个"),
        ("[both]\nrate_trace = 'none.txt'\nqueue_ms = 1", "none.txt 读不出来"),
        ("[both]\nrate_trace = 3\nqueue_ms = 1", "速率文件的名字"),
        ("[both]\nburst = 0.1", "burst 应当是一个表"),
        ("[both]\nburst = { enter = 0.1 }", "burst 应当是一个表，其中有 enter、leave"),
        ("[both]\nburst = { enter = 0.1, leave = 0 }", "再也不会恢复"),
        ("[both]\nburst = { enter = 0.1, leave = 0.1, x = 1 }", "burst 里的 x 不认识"),
        ("[both]\npolicer = { kbps = 100, bucket_bytes = 500 }", "至少 1500"),
        ("moves = 10", "moves 应当是若干个秒数"),
        ("moves = [-1]", "moves 应当是不小于零"),
        ("[both]\nblackouts = [8, 18]", "开始与结束的秒数"),
        ("[both]\nblackouts = [[18, 8]]", "结束要晚于开始"),
        ("[both", "不是正确的 TOML"),
    ],
)
def test_what_is_wrong_is_told_with_the_file_s_name(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Unavailable, match=said) as raised:
        load(written(tmp_path, text))
    assert "village.toml" in str(raised.value)


def test_a_wrong_trace_is_told_by_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "hills.txt").write_text("0 800\nten 200\n", encoding="utf-8")
    with pytest.raises(Unavailable, match=r"hills.txt 第 2 行"):
        load(written(tmp_path, "[both]\nrate_trace = 'hills.txt'\nqueue_ms = 9"))


def test_an_unknown_name_is_told_the_known_ones() -> None:
    with pytest.raises(Unavailable, match="loss20"):
        load("loss21")


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    path = tmp_path / "village.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Unavailable, match="不是正确的 TOML"):
        load(str(path))
