"""What the page reads aloud: a sentence for each screen, made once, and an institution's own voice before it."""

import asyncio
import io
import re
import shutil
import subprocess
import threading
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from signing.adapters.documents import checking
from signing.adapters.documents.recordable import recordable
from signing.adapters.speech import VOICE, Espeak
from signing.cli import main
from signing.domain.errors import OutsideError
from signing.domain.spoken import spoken
from signing.web.recordings import faults, sentences
from signing.web.routes.page import router
from signing.web.static import asset_of
from signing.web.voices import AGAIN_SECONDS, TEXTS, Voices, line_key
from signing.wire.phone import PhoneStep
from tests.fakes.speech import Counted


@pytest.fixture
def speech() -> Counted:
    return Counted()


@pytest.fixture
def voices(tmp_path: Path, speech: Counted) -> Voices:
    return Voices(tmp_path / "voices", speech)


def test_every_step_of_the_page_has_words(voices: Voices) -> None:
    """The consents' are the consents themselves."""
    spoken = {step.value for step in PhoneStep if not step.value.startswith("consent_")}
    assert spoken <= set(TEXTS)
    assert all(15 <= len(text) <= 120 for text in TEXTS.values())
    assert all(text.endswith("。") for text in TEXTS.values())


SCREENS = Path(__file__).parents[3] / "signing" / "web" / "phone" / "screens"
READ_AS = {
    "consent.js": ["consent"],
    "idcard.js": ["card"],
    "refuse.js": ["refuse"],
    "wait.js": ["await_identity", "await_seal", "stopped"],
}
"""A screen's file → by which names the page asks for its words (``aids.place``); else by the file's own."""
PLAIN = {
    "await_identity.call",
    "await_seal.call",
    "card.take",  # told by its side: id_front, id_back
    "code.opening",
    "code.send",
    "done.list",
    "helper.ask",
    "precheck.start",
    "queue.waiting",
    "reading.page",
    "refuse.ask",
    "signing.pad",
    "stopped.alone",
}
"""The parts that a screen's own words are about."""


def parts_of(file: Path) -> set[str]:
    """Every name of a part that a screen gives itself; what comes from a table is in the table's own words."""
    given = re.findall(r"\bpart(?:: | = )([^,;]+)[,;]", file.read_text(encoding="utf-8"))
    return {name for value in given for name in re.findall(r"'(\w+)'", value)}


def test_every_part_of_a_screen_has_words_of_its_own_or_is_what_its_screen_is_about() -> None:
    """Otherwise a button is read out that is not there: of the screen as it usually is."""
    names = {
        f"{screen}.{part}"
        for file in SCREENS.glob("*.js")
        for screen in READ_AS.get(file.name, [file.stem])
        for part in parts_of(file)
    }
    assert names - set(TEXTS) == PLAIN
    assert names >= {"precheck.sound", "done.wechat", "stopped.call"}
    assert not PLAIN & set(TEXTS)


def test_what_is_read_out_says_what_cannot_be_undone_and_promises_no_bell_to_a_closed_page() -> None:
    assert "不能再接着办" in TEXTS["refuse"]
    assert "办理就结束" in TEXTS["consent.refuse"]
    assert "不要关页面" in TEXTS["queue"]
    assert "不会响" in TEXTS["queue"]
    assert "响三声" in TEXTS["precheck.sound"]
    assert "换浏览器" in TEXTS["done.wechat"]


def test_a_sentence_is_made_once_and_kept(voices: Voices, speech: Counted) -> None:
    first = voices.of("precheck.look")
    assert first is not None
    assert first.kind == "audio/mpeg"
    assert Voices(voices.folder, speech).of("precheck.look") == first
    assert speech.asked == [TEXTS["precheck.look"]]


def test_a_part_without_words_of_its_own_is_told_its_screens(voices: Voices) -> None:
    assert voices.of("reading.page") == voices.of("reading")
    assert voices.of("signing.confirm") != voices.of("signing")
    assert voices.of("no_such_screen.part") is None


def test_an_institutions_own_voice_goes_before(voices: Voices, speech: Counted) -> None:
    recorded = voices.folder / "recorded"
    recorded.mkdir(parents=True)
    (recorded / "queue.m4a").write_bytes(b"our own")
    (recorded / "consent.face.wav").write_bytes(b"our words")
    spoken = voices.of("queue")
    assert spoken is not None
    assert (spoken.data, spoken.kind) == (b"our own", "audio/mp4")
    consent = voices.said("同意使用人脸信息", "consent.face")
    assert consent is not None
    assert consent.kind == "audio/wav"
    assert not speech.asked


def test_without_a_synthesiser_only_recordings_are_offered(voices: Voices, speech: Counted) -> None:
    speech.able = False
    assert not voices.any()
    assert voices.of("queue") is None
    (voices.folder / "recorded").mkdir(parents=True)
    (voices.folder / "recorded" / "done.mp3").write_bytes(b"our own")
    assert voices.any()


def test_changed_words_are_made_anew(voices: Voices, speech: Counted) -> None:
    voices.said("年利率 3.85%", "consent.face")
    voices.said("年利率 3.45%", "consent.face")
    assert len(speech.asked) == 2


def test_the_synthesiser_of_this_machine_speaks_mandarin_as_mp3() -> None:
    assert shutil.which("espeak-ng"), "install installer/system-packages.txt"
    long, short = Espeak().speak(TEXTS["signing"]), Espeak().speak("您好。")
    assert long[:3] == b"ID3" or long[:2] == b"\xff\xfb"
    assert len(long) > 3 * len(short) > 3000


def test_every_word_is_mandarin_and_none_is_spelled_in_english() -> None:
    """The phonemes of each sentence: a voice that changes to English for a word says so."""
    said = "\n".join([*TEXTS.values(), spoken("合同PQ202611270001，借180,000.00元，年利率3.85%。")])
    command = ["espeak-ng", "-v", VOICE, "-q", "-x", "--stdin"]
    phonemes = subprocess.run(command, input=said.encode(), capture_output=True, check=True, timeout=60).stdout.decode()
    assert len(phonemes) > len(said)
    assert "(" not in phonemes, "words in another language"


def test_a_missing_program_is_said_and_breaks_nothing(tmp_path: Path) -> None:
    absent = Espeak(synthesiser="no-such-program")
    assert not absent.available()
    with pytest.raises(OutsideError, match="朗读"):
        absent.speak("您好")
    assert Voices(tmp_path, absent).of("queue") is None


def test_the_command_lists_what_there_is_to_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded = tmp_path / "voices" / "recorded"
    recorded.mkdir(parents=True)
    (recorded / "queue.wav").write_bytes(sound(1.0))
    assert main(["voices", "--data", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "queue  自己的录音 queue.wav" in said
    assert "signing  未合成" in said
    assert TEXTS["signing"] in said
    assert str(recorded) in said
    (line,) = (text for text in recordable([]) if text.startswith("请您想一想再回答：这笔钱到账以后"))
    assert f"{line_key(line)}  没有录音，播放时合成\n    {line}\n    （客户经理在通话里按 R 播放" in said
    assert main(["voices", "--lacking", "--data", str(tmp_path)]) == 0
    assert "queue  自己的录音" not in capsys.readouterr().out


HOUSE = checking.INSTITUTION


def test_what_names_the_institution_is_listed_once_for_each() -> None:
    texts = [one.text for one in sentences([HOUSE])]
    assert len({one.key for one in sentences([HOUSE])}) == len(texts)
    assert any(HOUSE.helpline in text and "挂失" in text for text in texts)
    assert any(text.startswith("同意录音录像") and HOUSE.name in text for text in texts)
    assert not any("{" in text for text in texts)
    assert len(texts) > len(sentences([])) > len(TEXTS)


def sound(seconds: float, level: int = 4000) -> bytes:
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.tile(np.array([level, -level], dtype=np.int16), round(seconds * 4000)).tobytes())
    return kept.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("queue.wav", sound(1.0), ""),
        ("queue.ogg", sound(1.0), "格式不对，只能是 .mp3、.m4a、.wav"),
        ("queue.mp3", sound(1.0), "内容不是 MP3"),
        ("queue.m4a", b"\0" * 40, "内容不是 M4A"),
        ("queue.wav", b"RIFF our own", "打不开"),
        ("queue.wav", sound(2.0, 0), "没有声音"),
        ("queue.wav", sound(0.2), "只有 0.2 秒"),
        ("queue.wav", sound(200.0), "长 200 秒，最长 180 秒"),
        ("line.0123456789ab.wav", sound(1.0), "对不上"),
        ("kueue.wav", sound(1.0), "没有叫这个名称的句子"),
    ],
)
def test_a_recording_that_cannot_be_played_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, fault: str
) -> None:
    recorded = tmp_path / "voices" / "recorded"
    recorded.mkdir(parents=True)
    (recorded / name).write_bytes(content)
    assert main(["voices", "--data", str(tmp_path)]) == bool(fault)
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("✗")]
    assert len(told) == bool(fault)
    assert all(line.startswith(f"✗ {name}：") and fault in line for line in told)


def test_of_two_recordings_of_a_sentence_the_one_that_is_not_played_is_named(voices: Voices) -> None:
    recorded = voices.folder / "recorded"
    recorded.mkdir(parents=True)
    for name in ("queue.wav", "queue.mp3"):
        (recorded / name).write_bytes(sound(1.0))
    told = list(faults(voices, sentences([])))
    assert any(fault.startswith("queue.wav：同一句还有 queue.mp3") for fault in told)


class Held(Counted):
    """Begins a sentence and goes on with it when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.let_go = threading.Event(), threading.Event()

    def speak(self, text: str) -> bytes:
        self.begun.set()
        assert self.let_go.wait(30), "the test never let the sentence go on"
        return super().speak(text)


@pytest.fixture
def held() -> Iterator[Held]:
    made = Held()
    yield made
    made.let_go.set()


def test_what_is_prepared_waits_for_nothing_that_is_still_being_made(tmp_path: Path, held: Held) -> None:
    voices = Voices(tmp_path / "voices", held)
    ready = voices.prepared(TEXTS["queue"])
    ready.parent.mkdir(parents=True)
    ready.write_bytes(b"ready")
    with ThreadPoolExecutor() as threads:
        making = threads.submit(voices.of, "reading")
        assert held.begun.wait(30)
        spoken = threads.submit(voices.of, "queue").result(timeout=30)
        held.let_go.set()
        made = making.result(timeout=30)
    assert spoken is not None
    assert spoken.data == b"ready"
    assert made is not None


async def test_listeners_who_wait_take_nobody_elses_threads(tmp_path: Path, held: Held) -> None:
    """Pages, seals and recordings are worked on in the threads that everybody shares."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(max_workers=4))
    app = FastAPI()
    app.include_router(router(Voices(tmp_path / "voices", held)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://here", timeout=60) as client:
        waiting = [asyncio.create_task(client.get("/phone/voice/reading")) for _ in range(5)]
        assert await asyncio.to_thread(held.begun.wait, 30)
        async with asyncio.timeout(30):
            assert await asyncio.to_thread(lambda: "sealed") == "sealed"
        held.let_go.set()
        answers = await asyncio.gather(*waiting)
    assert {answer.status_code for answer in answers} == {200}
    assert held.asked == [TEXTS["reading"]], "made once for all"


def test_a_synthesiser_that_fails_is_left_alone_for_a_while(tmp_path: Path, speech: Counted) -> None:
    """Anybody may ask, and a failure may take half a minute."""
    tried: list[str] = []

    class Broken(Counted):
        def speak(self, text: str) -> bytes:
            tried.append(text)
            raise OutsideError("朗读没有准备好", "")

    now = [100.0]
    voices = Voices(tmp_path / "voices", Broken(), monotonic=lambda: now[0])
    assert [voices.of(key) for key in ("queue", "reading", "queue")] == [None] * 3
    assert len(tried) == 1
    now[0] += AGAIN_SECONDS
    assert voices.of("queue") is None
    assert len(tried) == 2
    assert [voices.once("王秀英借十万元", "line.1") for _ in range(3)] == [None] * 3
    assert len(tried) == 2, "nor by the agents' lines"
    now[0] += AGAIN_SECONDS
    assert [voices.once("王秀英借十万元", "line.1"), voices.of("queue")] == [None, None]
    assert len(tried) == 3, "whose failure counts as well"


def test_sound_is_not_compressed_once_more() -> None:
    sound = bytes(10_000)
    assert asset_of(sound, "audio/mpeg").packed is sound
    assert len(asset_of(sound, "text/css").packed) < 1_000
