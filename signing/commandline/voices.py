"""``pingqian voices``: what the customer's page reads aloud, and where an institution's own recordings go."""

import argparse
from pathlib import Path

from signing.adapters.speech import Espeak
from signing.commandline.serve import DEFAULT_DATA
from signing.domain.errors import OutsideError
from signing.web.voices import KINDS, TEXTS, Voices


class VoicesCommand:
    name = "voices"
    help = "列出、合成客户手机页面的朗读；换成自己录的声音"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")
        parser.add_argument("--prepare", action="store_true", help="现在就合成全部句子；不合成的，第一次有人听时才合成")

    def run(self, arguments: argparse.Namespace) -> int:
        voices = Voices(arguments.data / "voices", Espeak())
        if arguments.prepare and not voices.speech.available():
            raise OutsideError("本机不能合成朗读", "请安装 espeak-ng 和 ffmpeg，或者放入自己录的声音")
        for key, text in TEXTS.items():
            if arguments.prepare:
                voices.of(key)
            print(f"{key}  {_state(voices, key)}\n    {text}")
        kinds = "、".join(f"名称{suffix}" for suffix in KINDS)
        print(f"自己录的声音放在 {voices.folder / 'recorded'}，文件名 {kinds}；放好即用")
        return 0


def _state(voices: Voices, key: str) -> str:
    if recording := voices.recorded(key):
        return f"自己的录音 {recording.name}"
    return "已合成" if voices.prepared(TEXTS[key]).is_file() else "未合成"


VOICES = VoicesCommand()
