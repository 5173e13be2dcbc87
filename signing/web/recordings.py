"""All sentences that an institution may record itself, and what is wrong with the recordings that are there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from signing.adapters.documents.recordable import recordable
from signing.adapters.recordedvoices import unplayable
from signing.service.ports import Institution
from signing.web.consents import WORDINGS, consent_text, read_out
from signing.web.voices import KINDS, TEXTS, Voices, consent_key, line_key

PHONE = "客户手机上点“朗读”时播放"
SEAT = "客户经理在通话里按 R 播放，客户和录像里都能听到"


@dataclass(frozen=True)
class Sentence:
    """``key``: the name of its file, without the suffix. ``told``: who plays it and where it is said."""

    key: str
    text: str
    told: str


def sentences(institutions: Sequence[Institution]) -> list[Sentence]:
    """The customer's page's instructions, each institution's consents, and the lines without names or amounts."""
    found = [Sentence(key, text, PHONE) for key, text in TEXTS.items()]
    for one in institutions:
        for kind in WORDINGS:
            wording = consent_text(kind, one.name, one.helpline)
            key = consent_key(kind, wording.sha256)
            found.append(Sentence(key, read_out(wording), PHONE))
    for text, products in recordable(institutions).items():
        found.append(Sentence(line_key(text), text, f"{SEAT}。产品：{'、'.join(products)}"))
    return list({one.key: one for one in found}.values())


def faults(voices: Voices, known: Iterable[Sentence]) -> Iterator[str]:
    """Of the folder of recordings, one a file, each with what to do."""
    keys = {one.key for one in known}
    folder = voices.folder / "recorded"
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        for fault in _named(path.stem, path.suffix, keys) or unplayable(path):
            yield f"{path.name}：{fault}"
        played = voices.recorded(path.stem)
        if path.suffix in KINDS and played is not None and played != path:
            yield f"{path.name}：同一句还有 {played.name}，播放的是那一个；请只留一个"


def _named(key: str, suffix: str, keys: set[str]) -> list[str]:
    if suffix not in KINDS:
        return [f"格式不对，只能是 {'、'.join(KINDS)}（小写）"]
    if key in keys:
        return []
    if key.startswith(("line.", "consent.")):
        return [
            "文件名里的编号与现在的任何一句都对不上：这一句改过了，或者编号写错了；请按上面列出的文件名，照现在的原文重录"
        ]
    return ["没有叫这个名称的句子；请按上面列出的文件名改名"]
