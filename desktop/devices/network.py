"""The seat's network, tried step by step: the service, then each relay that a call would use."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop.bridge import Bridge, Trouble
from desktop.client import Client
from desktop.widgets.parts import Icon, KeyButton, clear, column, label, row, set_tone
from media.errors import MediaError
from media.rtc.reaching import reach
from signing.wire.base import Tone
from signing.wire.staff import Relays

SLOW_MILLISECONDS = 300.0
"""From here on a conversation is felt to lag."""
SLOW = "，偏慢"
KINDS = {"stun": "公网地址探测", "turn": "中继", "turns": "加密中继"}


@dataclass(frozen=True)
class Finding:
    """One line: what was tried, and how it went."""

    what: str
    words: str
    tone: Tone


def took(what: str, milliseconds: float) -> Finding:
    slow = milliseconds > SLOW_MILLISECONDS
    return Finding(what, f"{milliseconds:.0f} 毫秒{SLOW if slow else ''}", Tone.CAUTION if slow else Tone.GOOD)


def verdict(found: Sequence[Finding]) -> Finding:
    """All of it in one sentence, with what to do."""
    service, *ways = found
    if service.tone is Tone.STOP:
        return Finding("结果", "现在不能办理。请检查网线或无线网络，恢复后再检查；仍不行请联系管理员", Tone.STOP)
    if ways and all(one.tone is Tone.STOP for one in ways):
        words = "中继都不通，客户的网络受限时会接不通。请把打叉的地址告诉网络管理员放行，再检查一次"
        return Finding("结果", words, Tone.STOP)
    if any(one.tone is Tone.STOP for one in ways):
        return Finding("结果", "可以办理，会走打勾的那条路。请把打叉的地址告诉网络管理员放行", Tone.CAUTION)
    if [one.tone for one in ways] == [Tone.NOTICE]:
        return Finding("结果", "服务连得上；中继还没有检查", Tone.NOTICE)
    if any(one.words.endswith(SLOW) for one in found):
        return Finding("结果", "可以办理，但网络偏慢。请关掉下载、视频等程序，或改用有线网络", Tone.CAUTION)
    if any(one.tone is Tone.CAUTION for one in ways):
        return Finding("结果", "可以办理。请管理员配置中继", Tone.CAUTION)
    return Finding("结果", "网络正常，可以办理", Tone.GOOD)


async def check(client: Client) -> list[Finding]:
    """Never raises; without a session only the service can be tried."""
    began = time.monotonic()
    try:
        await client.get_bytes("/livez")
    except Trouble as trouble:
        return [Finding("服务", trouble.text, Tone.STOP)]
    found = [took("服务", (time.monotonic() - began) * 1000)]
    try:
        relays = await client.get("/api/seat/relays", Relays)
    except Trouble as trouble:
        words = "登录后再检查" if trouble.code == "not_logged_in" else trouble.text
        return [*found, Finding("中继", words, Tone.NOTICE)]
    ways = [(url, server) for server in relays.servers for url in server.urls]
    for url, server in ways:
        found.append(await _way(url, server.username or "", server.credential or ""))
    return found if ways else [*found, Finding("中继", "本机构没有配置，客户的网络受限时可能接不通", Tone.CAUTION)]


async def _way(url: str, username: str, password: str) -> Finding:
    scheme, _, rest = url.partition(":")
    what = f"{KINDS.get(scheme, scheme)} {rest}"
    try:
        return took(what, await reach(url, username, password))
    except MediaError as error:
        return Finding(what, str(error), Tone.STOP)


class NetworkBox(QWidget):
    """The button, and below it a line for each thing that was tried."""

    def __init__(self, bridge: Bridge, client: Client, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("devices.network")
        self._bridge, self._client = bridge, client
        self.button = KeyButton("检查网络", "Ctrl+E", icon="signal", name="devices.network.check")
        self.button.setShortcut(self.button.key)
        self.button.clicked.connect(self.run)
        self._list = column(spacing=4)
        layout = column(self, 6)
        head = row()
        head.addWidget(self.button)
        head.addStretch(1)
        layout.addLayout(head)
        layout.addLayout(self._list)

    def run(self) -> None:
        self.button.setEnabled(False)
        self.button.setText("正在检查…")
        self._bridge.call(check(self._client), self.display, self._failed)

    def display(self, found: Sequence[Finding]) -> None:
        if not isValid(self):  # closed while it was tried
            return
        self.button.setEnabled(True)
        self.button.setText("检查网络")
        clear(self._list)
        for one in (*found, verdict(found)):
            self._list.addWidget(_line(one))

    def _failed(self, trouble: Trouble) -> None:
        self.display([Finding("网络", trouble.text, Tone.STOP)])


_ICONS = {Tone.GOOD: "check", Tone.NOTICE: "info", Tone.CAUTION: "warn", Tone.STOP: "cross"}


def _line(one: Finding) -> QWidget:
    line = QWidget()
    line.setAccessibleName(f"{one.what}：{one.words}")
    layout = row(line, 8)
    layout.addWidget(Icon(_ICONS[one.tone], one.tone.value, 16))
    layout.addWidget(label(one.what))
    words = label(one.words, "second", wrap=True)
    set_tone(words, one.tone)
    layout.addWidget(words, 1)
    return line
