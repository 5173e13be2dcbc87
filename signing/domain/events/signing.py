"""Disclosure, reading, signing."""

from collections.abc import Mapping

from signing.domain.case import Document, SignatureMade
from signing.domain.events.base import Happening, at, of
from signing.domain.party import DisclosureAnswer, Party

ANSWER_TITLES = {"yes": "是", "no": "不是", "repeat": "请再说一遍", "nodded": "点头"}


def line_shown(party: Party, line: int, text: str) -> Happening:
    return of(party, "disclosure.shown", line=line, text=text)


def read_aloud(party: Party, line: int, sha256: str, *, recorded: bool) -> Happening:
    voice = "机构的录音" if recorded else "合成的声音"
    return of(party, "disclosure.read_aloud", line=line, sha256=sha256, recorded=recorded, voice=voice)


def read_aloud_ended(party: Party, line: int, sha256: str, *, whole: bool, seconds: float) -> Happening:
    how = "播放完毕" if whole else f"播放 {seconds:.1f} 秒后停止"
    milliseconds = round(seconds * 1000)
    return of(
        party, "disclosure.read_aloud_ended", line=line, sha256=sha256, whole=whole, milliseconds=milliseconds, how=how
    )


def line_answered(party: Party, answer: DisclosureAnswer, right: bool | None) -> Happening:
    """``right``: None for what is no answer yet, such as a nod where a word is expected."""
    unspoken = "（还没有亲口说）" if answer.answer == "nodded" and right is None else ""
    words = f"{ANSWER_TITLES[answer.answer]}{unspoken}"
    return of(party, "disclosure.answered", line=answer.line, answer=answer.answer, answer_title=words, right=right)


def disclosure_completed(party: Party) -> Happening:
    return of(party, "disclosure.completed", lines=len({answer.line for answer in party.answers}))


def page_read(party: Party, document: Document, page: int) -> Happening:
    return of(party, "reading.page_shown", document_id=document.document_id, title=document.title, page=page)


def document_read(party: Party, document: Document, milliseconds: Mapping[int, int]) -> Happening:
    pages = [{"page": number, "milliseconds": spent} for number, spent in sorted(milliseconds.items())]
    return of(party, "reading.completed", document_id=document.document_id, title=document.title, times=pages)


def document_signed(party: Party, document: Document, made: SignatureMade) -> Happening:
    return of(
        party,
        "document.signed",
        document_id=document.document_id,
        title=document.title,
        field=made.field,
        signed_at=at(made.at),
        frozen_sha256=document.frozen_sha256,
        revision_sha256=made.revision_sha256,
        strokes_sha256=made.strokes_sha256,
        certificate_sha256=made.certificate_sha256,
        binding=made.binding,
        key_destroyed_at=at(made.key_destroyed_at),
    )


def party_signed(party: Party) -> Happening:
    return of(party, "party.signed")
