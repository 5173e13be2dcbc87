"""A document's revisions only grow; a recording's promises must fit together and its bytes must fit them."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from signing.domain.case import DocumentState, Segment
from signing.domain.document import all_read, seal, sign, signed_by, void
from signing.domain.errors import IllegalEvent
from signing.domain.recording import chain_faults, segment_faults
from tests.unit.domain.factories import make_document, make_signature


def test_signed_only_when_all_have_signed() -> None:
    document = make_document(signers=("p1", "p2"))
    once = sign(document, make_signature("p1", "1" * 64))
    assert once.state is DocumentState.FROZEN
    both = sign(once, make_signature("p2", "2" * 64))
    assert both.state is DocumentState.SIGNED
    assert both.revisions == ("a" * 64, "1" * 64, "2" * 64)
    assert (both.frozen_sha256, both.current_sha256) == ("a" * 64, "2" * 64)
    assert signed_by(both) == {"p1", "p2"}
    assert document.signatures == ()


def test_a_seal_needs_signatures_and_ends_it() -> None:
    with pytest.raises(IllegalEvent):
        seal(make_document(), "9" * 64)
    sealed = seal(sign(make_document(), make_signature()), "9" * 64)
    assert sealed.current_sha256 == "9" * 64
    with pytest.raises(IllegalEvent):
        sign(sealed, make_signature())
    with pytest.raises(IllegalEvent):
        seal(sealed, "8" * 64)
    with pytest.raises(IllegalEvent):
        void(sealed)


def test_read_means_every_page_was_on_the_screen() -> None:
    document = make_document(pages=3)
    assert all_read(document, {1: 1, 2: 1, 3: 1})
    assert not all_read(document, {1: 1, 3: 1})
    assert not all_read(document, {1: 1, 2: 0, 3: 1})


DATA = b"ftypmoov" + b"moofmdat" * 3


def segments() -> tuple[Segment, ...]:
    made, chain = [], bytes(32)
    for index, (offset, size) in enumerate([(0, 8), (8, 8), (16, 16)]):
        digest = hashlib.sha256(DATA[offset : offset + size])
        chain = hashlib.sha256(chain + digest.digest()).digest()
        made.append(Segment(index, offset, size, float(index), digest.hexdigest(), chain.hex()))
    return tuple(made)


def reading(data: bytes) -> Callable[[Segment], bytes]:
    return lambda segment: data[segment.offset : segment.offset + segment.size]


def test_whole_segments() -> None:
    assert chain_faults(segments(), len(DATA)) == []
    assert segment_faults(reading(DATA), segments()) == []


@pytest.mark.parametrize(
    ("number", "change", "words"),
    [
        (1, {"offset": 9}, "第 2 段的位置不连续"),
        (1, {"index": 5}, "第 2 段的位置不连续"),
        (1, {"chain": "0" * 64}, "第 2 段的链值不符"),
        (2, {"size": 15}, "各段合计的大小与文件不符"),
    ],
)
def test_promises_that_do_not_fit(number: int, change: dict[str, object], words: str) -> None:
    made = list(segments())
    made[number] = replace(made[number], **change)  # type: ignore[arg-type]
    assert words in chain_faults(made, len(DATA))


def test_nothing_promised_is_a_fault() -> None:
    assert chain_faults((), 0) == ["各段合计的大小与文件不符"]


def test_one_changed_byte_is_found_in_its_segment() -> None:
    changed = bytearray(DATA)
    changed[20] ^= 1
    assert segment_faults(reading(bytes(changed)), segments()) == ["第 3 段的摘要不符"]
