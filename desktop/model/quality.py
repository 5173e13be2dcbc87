"""A connection in words and bars, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from media.core.murmur import Sound
from media.core.quality import Cause
from media.ports import Quality
from signing.wire.base import Tone

BARS = (
    ("线路中断", Tone.STOP),
    ("线路很差", Tone.STOP),
    ("线路一般", Tone.CAUTION),
    ("线路良好", Tone.GOOD),
    ("线路良好", Tone.GOOD),
)
"""By the number of bars, 0…4."""
GONE = ("disconnected", "failed", "closed")


@dataclass(frozen=True)
class Advice:
    """``short`` stands beside the word; ``what`` happens, and what the agent is to ``do``."""

    short: str
    what: str
    do: str

    @property
    def text(self) -> str:
        return f"{self.what}，{self.do}"


ADVICE: dict[Cause, Advice] = {
    Cause.CAMERA_OFF: Advice(
        "无画面", "客户那边没有画面传来", "请客户回到办理页面，看看摄像头是否被遮住或被别的应用占用"
    ),
    Cause.DELAYED: Advice("时延大", "声音到得晚", "说完一句请停一停，等客户答完再说下一句"),
    Cause.UNSTEADY: Advice("不稳", "客户那边网络时快时慢", "请客户靠近窗户，或换 Wi-Fi 再试"),
    Cause.PHONE_BUSY: Advice("手机慢", "客户的手机处理不过来", "请客户关掉别的应用，手机发烫时歇一会儿"),
    Cause.UPLINK_THIN: Advice("上行弱", "客户那边上行很弱，您看客户可能不清楚", "请客户靠近窗户或换 Wi-Fi"),
    Cause.DOWNLINK_THIN: Advice(
        "下行弱", "客户那边下行很弱，客户看您可能不清楚", "多用语音说明，请客户靠近窗户或换 Wi-Fi"
    ),
    Cause.LOSSY: Advice("丢包", "客户那边信号不稳，丢包多", "请客户站定不要走动，靠近窗户或换 Wi-Fi"),
    Cause.SEAT_BUSY: Advice("本席电脑忙", "本席位的电脑处理不过来", "请关掉别的程序和网页，仍不好请换一台电脑"),
    Cause.SEAT_NETWORK: Advice(
        "本席网络差", "几位客户同时变差，是本席位自己的网络", "请停掉下载和上传，检查网线，仍不好请找网点技术人员"
    ),
    Cause.BROKEN: Advice("已断", "客户那边连不上", "正在自动重连，请稍候，也可以打电话告诉客户不要关闭页面"),
}


UNHEARD = {
    Sound.NEVER: Advice(
        "无声", "客户接通后没有一点声音传来", "请客户说句话；仍没有，请检查手机麦克风，或退出页面重新进入"
    ),
    Sound.GONE: Advice(
        "声音断了", "客户的声音断了，一点也传不过来", "请客户点手机上的“重新打开话筒”；仍没有，请退出页面重新进入"
    ),
}
"""Said where the line itself is well."""

OF_THE_SEAT = (ADVICE[Cause.SEAT_BUSY], ADVICE[Cause.SEAT_NETWORK])


@dataclass(frozen=True)
class Shown:
    """``bars`` None where there is nothing to show yet; ``advice`` None where nothing is wrong."""

    text: str
    tone: Tone
    bars: int | None = None
    advice: Advice | None = None

    @property
    def hint(self) -> str:
        return self.advice.text if self.advice is not None else ""


def shown(peer: str, quality: Quality | None) -> Shown:
    """One customer's connection; ``peer`` is the RTCPeerConnectionState."""
    if peer in GONE:
        return Shown(*BARS[0], 0, ADVICE[Cause.BROKEN])
    if peer != "connected":
        return Shown("正在接通", Tone.NOTICE)
    if quality is None or (judged := quality.judgement) is None:
        return Shown("线路已通", Tone.GOOD)
    text, tone = BARS[judged.bars]
    advice = ADVICE.get(judged.cause) or UNHEARD.get(quality.sound)
    if advice is None or judged.cause is Cause.BROKEN:
        return Shown(text, tone, judged.bars, advice)
    return Shown(f"{text} · {advice.short}", Tone.CAUTION if tone is Tone.GOOD else tone, judged.bars, advice)


def of_the_seat(lines: Sequence[Shown]) -> Advice | None:
    """What the seat itself is to do about several customers' lines: said once for all of them, not of each."""
    told = [line.advice for line in lines if line.advice in OF_THE_SEAT]
    return told[0] if len(told) > 1 else None
