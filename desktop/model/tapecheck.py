"""What the check of the running recording says to the agent: in a word on the stage, and before hang-up. Pure."""

from collections.abc import Sequence

from desktop.model.state import Media, Recording, State
from media import ports
from media.core.doubts import Doubt, clock
from signing.wire.base import Tone
from signing.wire.case import ProofItem

BEHIND = 3
"""Fragments, of about a second each, that may be on disk and not read back yet."""
TITLE = "录像逐段回读"
Words = tuple[str, Tone, str]


def behind(media: Media) -> int:
    """Fragments on disk that nobody has read back."""
    checked = media.checked
    return media.written if checked is None else max(0, media.written - checked.index) + checked.left_out


def missed(media: Media) -> int:
    """Fragments that went before they could be read here, and never will be."""
    return media.checked.missed if media.checked else 0


def shown(media: Media) -> Words:
    """Text, tone and icon of the recording's badge."""
    match media.recording:
        case Recording.RUNNING:
            return _running(media)
        case Recording.STARTING:
            return "正在启动录制", Tone.NOTICE, "ring"
        case Recording.BROKEN:
            return "录像中断，正在重新开始", Tone.STOP, "warn"
        case Recording.ENDED:
            return "录制已结束", Tone.CAUTION, "warn"
    return "未录制", Tone.CAUTION, "warn"


def _running(media: Media) -> Words:
    found = doubts(media)
    if found:
        more = f"等 {len(found)} 处" if len(found) > 1 else ""
        return f"录制中，{found[0].words}{more}", Tone.CAUTION, "warn"
    if behind(media) > 2 * BEHIND:
        return "录制中，检查跟不上", Tone.CAUTION, "warn"
    if missed(media):
        return f"录制中，{missed(media)} 段本机未读", Tone.CAUTION, "warn"
    return "录制中", Tone.STOP, "dot"


def hint(media: Media) -> str:
    """What to do about it, a line for each; where nothing is wrong, how far the recording has been read back."""
    if media.recording is not Recording.RUNNING or media.checked is None:
        return ""
    lines = [f"{doubt.words}：{doubt.kind.remedy}" for doubt in doubts(media)]
    if behind(media) > 2 * BEHIND:
        lines.append(f"还有 {behind(media)} 段没有回读；请关闭其他程序")
    return "\n".join(lines) or _good(media.checked)


def _good(checked: ports.RecordingChecked) -> str:
    """What went to the service before it could be read here is not called read."""
    until = f"已回读到 {clock(checked.until_seconds)}，"
    but = f"其中 {checked.missed} 段本机未读，由服务回读；其余" if checked.missed else ""
    return f"{until}{but}没有发现问题"


def doubts(media: Media) -> Sequence[Doubt]:
    """What is wrong with the recording now."""
    return media.checked.doubts if media.checked else ()


def proof(state: State) -> list[ProofItem]:
    """The lines of the proof: the service's, and the seat's own about its recording, where there are any."""
    items = list(state.case.proof) if state.case else []
    return [*items, _own(state.media)] if items else []


def _own(media: Media) -> ProofItem:
    remedy = _missing(media)
    return ProofItem(key="recording.checked", title=TITLE, ok=not remedy, remedy=remedy)


def _missing(media: Media) -> str:
    """Why not everything up to now was read back here and is known to be good; empty where it was."""
    if media.recording is not Recording.RUNNING:
        return "现在没有录制，请等录制恢复后再核对"
    if media.checked is None or behind(media) > BEHIND:
        return "正在回读，请稍等几秒"
    unread = [f"有 {missed(media)} 段本机未读，挂断后由服务回读"] if missed(media) else []
    return "；".join([*unread, *(f"{doubt.words}，{doubt.kind.remedy}" for doubt in doubts(media))])
