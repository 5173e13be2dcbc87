"""The network's self-test: what each answer of the service and of the relays becomes on the screen."""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.bridge import Bridge
from desktop.client import Client
from desktop.devices.network import Finding, NetworkBox, check, took, verdict
from signing.wire.base import Tone
from tests.turn import HOST, free_port
from tests.unit.desktop.answers import Answer, answering, refused


def relays(*urls: str) -> Answer:
    return 200, {"servers": [{"urls": list(urls), "username": "u", "credential": "c"}] if urls else []}


async def test_nobody_answers() -> None:
    client = Client(f"http://{HOST}:{free_port()}")
    found = await check(client)
    await client.close()
    assert [(one.what, one.tone) for one in found] == [("服务", Tone.STOP)]


async def test_each_way_is_a_line_of_its_own() -> None:
    dead = f"stun:{HOST}:{free_port()}"
    said = {"/livez": (200, {}), "/api/seat/relays": relays(dead)}
    async with answering(lambda _, path: said[path]) as service:
        client = Client(service.url)
        found = await check(client)
        said["/api/seat/relays"] = relays()
        bare = await check(client)
        said["/api/seat/relays"] = refused(401, "not_logged_in")
        outside = await check(client)
        await client.close()
    assert [(one.what, one.tone) for one in found] == [
        ("服务", found[0].tone), (f"公网地址探测 {dead.partition(':')[2]}", Tone.STOP),
    ]  # fmt: skip
    assert found[0].words.rstrip("，偏慢").endswith("毫秒")
    assert (bare[1].tone, outside[1].words) == (Tone.CAUTION, "登录后再检查")


def test_what_lags_is_said() -> None:
    assert (took("服务", 41.4).words, took("服务", 41.4).tone) == ("41 毫秒", Tone.GOOD)
    assert (took("服务", 900).words, took("服务", 900).tone) == ("900 毫秒，偏慢", Tone.CAUTION)


GOOD, SLOW, DEAD = took("服务", 20), took("中继 a", 900), Finding("中继 b", "没有应答", Tone.STOP)


@pytest.mark.parametrize(
    ("found", "words", "tone"),
    [
        ([DEAD], "现在不能办理", Tone.STOP),
        ([GOOD, DEAD, DEAD], "中继都不通", Tone.STOP),
        ([GOOD, SLOW, DEAD], "会走打勾的那条路", Tone.CAUTION),
        ([GOOD, Finding("中继", "登录后再检查", Tone.NOTICE)], "中继还没有检查", Tone.NOTICE),
        ([GOOD, SLOW], "网络偏慢", Tone.CAUTION),
        ([took("服务", 900), took("中继 a", 20)], "网络偏慢", Tone.CAUTION),
        ([GOOD, Finding("中继", "本机构没有配置", Tone.CAUTION)], "请管理员配置中继", Tone.CAUTION),
        ([GOOD, took("中继 a", 20)], "网络正常", Tone.GOOD),
    ],
)
def test_all_of_it_is_summed_up_with_what_to_do(found: list[Finding], words: str, tone: Tone) -> None:
    summed = verdict(found)
    assert words in summed.words
    assert summed.tone is tone


def test_the_button_tries_and_shows_it(qtbot: QtBot, bridge: Bridge, client: Client) -> None:
    box = NetworkBox(bridge, client)
    qtbot.addWidget(box)
    box.show()
    box.button.click()
    assert not box.button.isEnabled()
    qtbot.waitUntil(box.button.isEnabled, timeout=20_000)
    words = [one.text() for one in box.findChildren(QLabel)]
    assert words[0] == "服务"
    assert "连不上服务" in words[1]


def test_a_box_that_is_gone_gets_its_answer_in_peace(qtbot: QtBot, bridge: Bridge, client: Client) -> None:
    box = NetworkBox(bridge, client)
    box.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    box.display([Finding("服务", "30 毫秒", Tone.GOOD)])
