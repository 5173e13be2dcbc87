"""FFmpeg doing what a seat does: decoding what customers send, composing the stage, recording it and sending it.

Both sides work on the same: the pictures and the sound of the customers of ``media.lab.wholeseat``, sent with the
settings of our own senders at the rate of a path that holds nothing back; the stage's own layout, written words and
agent; the recorder's and the senders' own settings. Five voices are mixed for the recording and four for each ear.

FFmpeg does not do what there is no command for: packets, encryption, repair and pacing of eight media streams, choosing
rates, judging lines, and reading back what was recorded. That last one has an anchor of its own: ``reading_back``.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from desktop.bench.recording.footage import CLOCK, PICTURES, STAGE, mover
from desktop.bench.recording.sides import ffmpeg, processor_seconds
from media.compositor import Compositor, Header, TileView
from media.core.budget import pictures, voice
from media.core.layout import Box, fit, stage_layout
from media.core.mixing import RATE
from media.core.sendrate import HIGHEST
from media.core.soundcode import said
from media.encoding import ENCODER_OPTIONS, MUXER_OPTIONS, SOUND_OPTIONS
from media.opusencoder import COMPLEXITY
from media.pictures import packed
from media.rtc.encoders import BUFFER
from media.stage import SENT
from media.standin import HEIGHT, WIDTH, StandInPicture, beeps
from media.text import font_files

FOUR = 4
SPOKEN = voice(HIGHEST, 0.0, redundant=True)
SENT_RATE = int(pictures(HIGHEST, SPOKEN, 0.0))
"""Bits a second that one of our senders asks of its encoder where nothing holds it back."""
APART, LATER = 11, 50
"""Pictures, and steps of sound, by which each customer is ahead of the one before."""
RECORDED, SMALL = "file.mp4", "small.mp4"


def share(folder: Path, seconds: float) -> float:
    """Processor time a second of FFmpeg's command that does the same as the seat with FOUR customers."""
    return processor_seconds(command(material(folder, seconds), folder)) / seconds


def reading_back(folder: Path, seconds: float) -> float:
    """Processor time a second of FFmpeg decoding what ``share`` recorded, in real time."""
    path = str(folder / RECORDED)
    command = [ffmpeg(), "-nostdin", "-v", "error", "-re", *_one_thread(), "-i", path, "-f", "null", "-"]
    return processor_seconds(command) / seconds


def material(folder: Path, seconds: float) -> list[Path]:
    """What the customers send, what the agent's camera and microphone give, and the stage without people."""
    received = [sent(folder, index, seconds) for index in range(FOUR)]
    seat(folder, seconds, STAGE, FOUR)
    return received


def seat(folder: Path, seconds: float, stage: tuple[int, int], customers: int) -> None:
    """What the agent's camera and microphone give, and a stage without people."""
    count, agent = round(seconds * PICTURES), StandInPicture()
    _raw(folder / "agent.yuv", (packed(agent.at(number / PICTURES, 0)) for number in range(count)))
    (folder / "agent.pcm").write_bytes(beeps(0, round(seconds * RATE)).tobytes())
    titles = ("坐席 张××", *(f"当事人 {index + 1}" for index in range(customers)))
    views = [TileView(title, "风险告知") for title in titles]
    _raw(folder / "stage.yuv", [packed(Compositor(*stage).compose(Header("07号席", "2026-00318", ""), views, 0))])


def _raw(path: Path, planes: Iterable[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]) -> None:
    with path.open("wb") as file:
        for each in planes:
            file.write(each.tobytes())


def sent(folder: Path, index: int, seconds: float) -> Path:
    """Of one customer: H.264 and Opus as our own senders make them."""
    path, seen, heard = (folder / f"{name}{index}{end}" for name, end in PARTS)
    count, ahead = round(seconds * PICTURES), APART * index
    _raw(seen, (packed(mover(number + ahead)) for number in range(count)))
    heard.write_bytes(said(LATER * index * RATE // 50, round(seconds * RATE)).tobytes())
    size = f"{SENT[0]}x{SENT[1]}"
    processor_seconds(
        [
            ffmpeg(), "-nostdin", "-y", "-v", "error", *_pictures(size, seen), *_samples(heard),
            *_as_sent("0:v", "1:a"), path,
        ]
    )  # fmt: skip
    return path


PARTS = (("received", ".mp4"), ("seen", ".yuv"), ("heard", ".pcm"))


def _pictures(size: str, path: Path) -> list[str]:
    return ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-r", str(PICTURES), "-i", str(path)]


def _samples(path: Path) -> list[str]:
    return ["-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", str(path)]


def _one_thread() -> list[str]:
    """Pictures are decoded as they come: more threads take more of the processor."""
    return ["-threads", "1"]


def _as_sent(seen: str, heard: str) -> list[str]:
    return ["-map", seen, *_encoded(), "-map", heard, *_spoken()]


def _encoded() -> list[str]:
    """As ``media.rtc.encoders`` does it."""
    rate = str(SENT_RATE)
    return [
        "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-profile:v", "baseline", "-threads:v", "1",
        "-bf", "0", "-b:v", rate, "-maxrate", rate, "-bufsize", str(int(SENT_RATE * BUFFER)),
        "-x264-params", "scenecut=0:keyint=infinite",
    ]  # fmt: skip


def _spoken() -> list[str]:
    """As ``media.opusencoder`` does it."""
    return [
        "-c:a", "libopus", "-b:a", str(SPOKEN.bits), "-ac", "1", "-application", "voip",
        "-frame_duration", str(SPOKEN.milliseconds), "-compression_level", str(COMPLEXITY),
    ]  # fmt: skip


def command(received: list[Path], folder: Path) -> list[str]:
    """In real time, as the seat does it: a processor that waits in between works less well than one that does not."""
    inputs = [
        *(part for path in received for part in ("-re", *_one_thread(), "-i", str(path))),
        *of_the_seat(folder, STAGE, "-re"),
    ]
    ears = ((f"[ear{ear}]", str(folder / f"ear{ear}.ogg")) for ear in range(FOUR))
    voices = [part for mixed, path in ears for part in ("-map", mixed, *_spoken(), path)]
    return [
        ffmpeg(), "-nostdin", "-y", "-v", "error", "-filter_threads", "1", "-filter_complex_threads", "1", *inputs,
        "-filter_complex", f"{_composed()};{_mixed()}",
        *recorded("[large]", "[all]", folder / RECORDED),
        "-map", "[small]", *_encoded(), str(folder / SMALL), *voices,
    ]  # fmt: skip


def of_the_seat(folder: Path, stage: tuple[int, int], *pace: str) -> list[str]:
    """Three inputs: the agent's picture and sound, and the empty stage."""
    return [
        *pace, *_pictures(f"{WIDTH}x{HEIGHT}", folder / "agent.yuv"), *pace, *_samples(folder / "agent.pcm"),
        *pace, "-stream_loop", "-1", *_pictures(f"{stage[0]}x{stage[1]}", folder / "stage.yuv"),
    ]  # fmt: skip


def recorded(seen: str, heard: str, path: Path) -> list[str]:
    """An output as ``media.encoding`` makes it."""
    options = [part for name, value in ENCODER_OPTIONS.items() for part in (f"-{name}:v", value)]
    sound = [part for name, value in SOUND_OPTIONS.items() for part in (f"-{name}:a", value)]
    muxer = [part for name, value in MUXER_OPTIONS.items() for part in (f"-{name}", value)]
    return [
        "-map", seen, "-map", heard, "-c:v", "libx264", *options, "-threads:v", "1", "-bf", "0",
        "-force_key_frames", "expr:gte(t,n_forced)", "-c:a", "aac", "-b:a", "64k", *sound, *muxer, str(path),
    ]  # fmt: skip


def _composed() -> str:
    """The agent and FOUR customers where the stage has them, and the time to the second."""
    people = [(f"{FOUR}:v", (WIDTH, HEIGHT)), *((f"{index}:v", SENT) for index in range(FOUR))]
    large = overlaid(STAGE, people, f"{FOUR + 2}:v")
    return f"{large},split[large][little];[little]scale={SENT[0]}:{SENT[1]}[small]"


def overlaid(stage: tuple[int, int], people: list[tuple[str, tuple[int, int]]], base: str) -> str:
    """A filter graph without its last label: ``people`` (stream, size) where the stage has them, and the time."""
    places = [tile.picture for tile in stage_layout(*stage, len(people)).tiles]
    steps, before = [], f"[{base}]"
    for number, ((stream, size), place) in enumerate(zip(people, places, strict=True)):
        box: Box = fit(*size, place)
        steps.append(f"[{stream}]scale={box.width}:{box.height}:flags=bilinear[tile{number}]")
        steps.append(f"{before}[tile{number}]overlay={box.x}:{box.y}:shortest=1:format=yuv420[on{number}]")
        before = f"[on{number}]"
    clock = CLOCK.format(10).replace(":", r"\:")
    written = f"fontfile={font_files().regular}:fontsize=22:fontcolor=white:x=w-tw-20:y=12:text='{clock}'"
    return ";".join([*steps, f"{before}drawtext={written}"])


def _mixed() -> str:
    """Everybody for the recording, and for each customer all others."""
    streams = [f"{FOUR + 1}:a", *(f"{index}:a" for index in range(FOUR))]
    ways = [f"[{stream}]asplit={FOUR + 1 - (place > 0)}" for place, stream in enumerate(streams)]
    labels: dict[str, list[int]] = {"all": list(range(FOUR + 1))} | {
        f"ear{ear}": [place for place in range(FOUR + 1) if place != ear + 1] for ear in range(FOUR)
    }
    split = [
        way + "".join(f"[{name}v{place}]" for name, taken in labels.items() if place in taken)
        for place, way in enumerate(ways)
    ]
    mixes = [
        "".join(f"[{name}v{place}]" for place in taken) + f"amix=inputs={len(taken)}:normalize=0[{name}]"
        for name, taken in labels.items()
    ]
    return ";".join([*split, *mixes])
