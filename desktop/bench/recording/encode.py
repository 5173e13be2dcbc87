"""Encoding the stage: our recorder against FFmpeg's own command with the same settings and the same pictures."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from statistics import median

from desktop.bench.recording.footage import PICTURES, Footage, stage
from desktop.bench.recording.sides import Used, apart, ffmpeg, processor_seconds
from desktop.bench.recording.takes import KEY, START, recorder
from media.checker import Decoder, from_file
from media.core.chain import chained
from media.core.mixing import BLOCK, RATE
from media.core.timeline import SECOND, Timeline
from media.encoding import ENCODER_OPTIONS, MUXER_OPTIONS, SOUND_OPTIONS
from media.recovery import mapped, segments_of
from media.witness import Witness
from signing.commandline.bench.table import NotMeasured, Row, at_most

TIMES = 1.15
ROUNDS = 3


def rows(folder: Path, seconds: float, told: Callable[[str], None]) -> list[Row]:
    """The median of a few rounds, in turn."""
    footage = stage(folder, seconds)
    ours, theirs = list[float](), list[float]()
    for number in range(ROUNDS):
        ours.append(apart(recorded, footage, folder / f"ours{number}.mp4", KEY))
        theirs.append(processor_seconds(command(footage, folder / f"theirs{number}.mp4")))
        told(f"编码 {footage.seconds:g} 秒 720p：本系统 {ours[-1]:.2f} 秒处理器时间，ffmpeg {theirs[-1]:.2f} 秒")
    plain = folder / "plain.mp4"
    apart(recorded, footage, plain)
    share = 100 / footage.seconds
    return [
        at_most("录制一路 720p 合成画面", median(ours) * share, median(theirs) * share, TIMES, "% 处理器"),
        Row("边录边查：逐段回读、解码和比对", apart(checked, plain) * share, "% 处理器"),
    ]


def checked(path: Path) -> float:
    """Processor time of reading a recording back as the check does, fragment by fragment."""
    decoder, read, before = Decoder(Witness(Timeline(START, 0), PICTURES)), from_file(path), ""
    with mapped(path) as content:
        links = list(segments_of(content))
    decoder.header = read(links[0]) or b""
    with Used() as used:
        for link in links[1:]:
            data = read(link) or b""
            before = chained(before or links[0].chain, hashlib.sha256(data).hexdigest())
            if before != link.chain or decoder.piece(link.index, data) is None:
                raise NotMeasured(f"第 {link.index} 段没有读成", "请再试一次")
    return used.seconds


def recorded(footage: Footage, path: Path, key: bytes | None = None) -> float:
    """Processor time of recording it, as fast as it goes: encoded, hashed, chained, encrypted and on disk."""
    recording = recorder(path, footage.size, [], key=key)
    samples, pictures = footage.samples(), [footage.picture(number) for number in range(footage.count)]
    with Used() as used:
        for number, picture in enumerate(pictures):
            recording.show(picture, -(-number * SECOND // PICTURES), present=True)
            begin, end = (at * RATE // PICTURES // BLOCK * BLOCK for at in (number, number + 1))
            for at in range(begin, end, BLOCK):
                recording.hear(samples[at : at + BLOCK], -(-at * SECOND // RATE))
            recording.drain()
        recording.stop(-(-footage.count * SECOND // PICTURES))
    return used.seconds


def command(footage: Footage, path: Path) -> list[str]:
    """The same codec, preset, rates and fragments."""
    width, height = footage.size
    options = [part for name, value in ENCODER_OPTIONS.items() for part in (f"-{name}", value)]
    sound = [part for name, value in SOUND_OPTIONS.items() for part in (f"-{name}", value)]
    muxer = [part for name, value in MUXER_OPTIONS.items() for part in (f"-{name}", value)]
    return [
        ffmpeg(), "-nostdin", "-y", "-v", "error",
        "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", str(PICTURES),
        "-i", str(footage.pictures), "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", str(footage.sound),
        "-c:v", "libx264", *options, "-threads:v", "1", "-g", str(2 * PICTURES), "-bf", "0",
        "-force_key_frames", "expr:gte(t,n_forced)", "-c:a", "aac", "-b:a", "64k", *sound, *muxer, str(path),
    ]  # fmt: skip
