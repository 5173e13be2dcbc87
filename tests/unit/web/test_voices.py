"""What the page reads aloud: a sentence for each screen, made once, and an institution's own voice before it."""

import io
import shutil
from pathlib import Path

import pytest

from signing.adapters.speech import Espeak
from signing.cli import main
from signing.domain.errors import OutsideError
from signing.web.voices import TEXTS, Voices
from signing.wire.phone import PhoneStep


class Counted:
    """Says how often it was asked to speak. ``able`` False: the synthesiser fails."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.able = True

    def available(self) -> bool:
        return self.able

    def speak(self, text: str) -> bytes:
        if not self.able:
            raise OutsideError("朗读没有准备好", "")
        self.asked.append(text)
        return b"ID3" + text.encode()


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


def test_a_missing_program_is_said_and_breaks_nothing(tmp_path: Path) -> None:
    absent = Espeak(synthesiser="no-such-program")
    assert not absent.available()
    with pytest.raises(OutsideError, match="朗读"):
        absent.speak("您好")
    assert Voices(tmp_path, absent).of("queue") is None


def test_the_command_lists_what_there_is_to_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded = tmp_path / "voices" / "recorded"
    recorded.mkdir(parents=True)
    (recorded / "queue.wav").write_bytes(io.BytesIO(b"RIFF").getvalue())
    assert main(["voices", "--data", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "queue  自己的录音 queue.wav" in said
    assert "signing  未合成" in said
    assert TEXTS["signing"] in said
    assert str(recorded) in said
