"""Whether somebody's own recording of a sentence can be played: read as the seat's engine reads it."""

from collections.abc import Iterator
from pathlib import Path

SHORTEST_SECONDS = 0.5
SILENT = 60
"""Of 32,768, root mean square of the loudest tenth of a second: a room in which nobody speaks."""
MOST_BYTES = 20_000_000
_BEGINNINGS = {
    ".mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa"),
    ".wav": (b"RIFF",),
}


def unplayable(path: Path) -> Iterator[str]:
    """What is wrong with it, in Chinese, to follow the file's name; nothing where it can be played."""
    from media.core.mixing import RATE, levels
    from media.errors import MediaError
    from media.reading import LONGEST
    from media.voice import read_voice  # a decoder, which the service itself does without

    if path.stat().st_size > MOST_BYTES:
        yield f"文件有 {path.stat().st_size // 1_000_000} MB，太大；请存成 MP3，不超过 {MOST_BYTES // 1_000_000} MB"
        return
    if not _begins_right(path):
        yield f"内容不是 {path.suffix.removeprefix('.').upper()}；请用录音软件另存为 MP3，不能只改文件名"
        return
    try:
        samples = read_voice(path)
    except (MediaError, OSError, ValueError):
        yield "打不开：不是录音，或者文件坏了；请重新导出 MP3、M4A 或 WAV"
        return
    seconds, tenth = len(samples) / RATE, RATE // 10
    if seconds > LONGEST:
        yield f"长 {seconds:.0f} 秒，最长 {LONGEST:.0f} 秒；请只录这一句"
    elif seconds < SHORTEST_SECONDS:
        yield f"只有 {seconds:.1f} 秒；请把这一句录完整"
    elif max(levels(list(samples[: len(samples) // tenth * tenth].reshape(-1, tenth)))) < SILENT / 32768:
        yield "没有声音；请检查麦克风，重新录"


def _begins_right(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(12)
    if path.suffix == ".m4a":
        return head[4:8] == b"ftyp"
    return head.startswith(_BEGINNINGS[path.suffix])
