"""``pingqian voices``: what is read aloud to customers, and where an institution's own recordings go."""

import argparse
from pathlib import Path

from signing.adapters import keyfile
from signing.adapters.speech import Espeak
from signing.commandline.serve import DEFAULT_DATA
from signing.commandline.user import no_data, opened
from signing.domain.errors import OutsideError
from signing.service.ports import Institution
from signing.web.recordings import Sentence, faults, sentences
from signing.web.voices import KINDS, TEXTS, Voices


class VoicesCommand:
    name = "voices"
    help = "列出可以自己录音的句子并检查录音；合成手机页面的朗读"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")
        parser.add_argument("--prepare", action="store_true", help="现在就合成全部句子；不合成的，第一次有人听时才合成")
        parser.add_argument("--lacking", action="store_true", help="只列出还没有录音的句子")

    def run(self, arguments: argparse.Namespace) -> int:
        """1 where a recording that is there cannot be played."""
        if not arguments.data.is_dir():
            raise no_data(arguments.data)
        voices = Voices(arguments.data / "voices", Espeak())
        if arguments.prepare and not voices.speech.available():
            raise OutsideError("本机不能合成朗读", "请安装 espeak-ng 和 ffmpeg，或者放入自己录的声音")
        known = sentences(_institutions(arguments.data))
        for key in TEXTS if arguments.prepare else ():
            voices.of(key)
        for one in known:
            if not (arguments.lacking and voices.recorded(one.key)):
                print(_told(voices, one))
        return _summed_up(voices, known)


def _institutions(data: Path) -> list[Institution]:
    """Of the service's data; none where it has not been set up."""
    if not keyfile.exists(data):
        return []
    with opened(data) as app, app.services.db.read() as unit:
        held = {one.institution_id for one in unit.people.branches()}
        return [unit.people.institution(key) for key in sorted(held)]


def _told(voices: Voices, one: Sentence) -> str:
    text = one.text.replace("\n", "\n    ")
    return f"{one.key}  {_state(voices, one)}\n    {text}\n    （{one.told}）"


def _state(voices: Voices, one: Sentence) -> str:
    if recording := voices.recorded(one.key):
        return f"自己的录音 {recording.name}"
    if one.key not in TEXTS:
        return "没有录音，播放时合成"
    return "已合成" if voices.prepared(one.text).is_file() else "未合成"


def _summed_up(voices: Voices, known: list[Sentence]) -> int:
    there = sum(voices.recorded(one.key) is not None for one in known)
    print(f"共 {len(known)} 句，{there} 句有自己的录音。含姓名、金额的话术每笔都不同，不能预先录")
    kinds = "、".join(f"名称{suffix}" for suffix in KINDS)
    print(f"自己录的声音放在 {voices.folder / 'recorded'}，文件名 {kinds}（名称如上面每句的第一个词）；放好即用")
    wrong = list(faults(voices, known))
    for fault in wrong:
        print(f"✗ {fault}")
    return 1 if wrong else 0


VOICES = VoicesCommand()
