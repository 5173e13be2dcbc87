"""The same advice from a process of its own, which may die without taking anything along."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from desktop.demo.specimen import DEMO_BORROWER, card_front, photograph
from signing.adapters.identity_process import IdentityProcess
from signing.domain.errors import InputError, OutsideError
from signing.domain.party import Party, Role

AT = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
BORROWER = Party("party_1", Role.BORROWER, DEMO_BORROWER.name, DEMO_BORROWER.number, "13800138000")

PATIENT = 200.0
"""Seconds: how long a picture takes on a busy machine is not what is tried here."""


@pytest.fixture(scope="module")
def front() -> bytes:
    return photograph(card_front(DEMO_BORROWER), 11, width=1600)


@pytest.fixture(scope="module")
def reader() -> Iterator[IdentityProcess]:
    reader = IdentityProcess(PATIENT)
    reader.warm_up()
    yield reader
    reader.close()
    reader.close()
    assert not _children()


def _children() -> list[int]:
    return [child.pid or 0 for child in multiprocessing.active_children() if child.name == "identity"]


def test_answers_and_refusals_cross_the_border(reader: IdentityProcess, front: bytes) -> None:
    side = reader.read_card(front, "front", BORROWER, AT)
    assert (side.readable, side.name_matches, side.number_matches) == (True, True, True)
    assert reader.compare_face(front, front, AT).distance == 0
    with pytest.raises(InputError, match="图片") as refused:
        reader.read_card(b"no picture", "front", BORROWER, AT)
    assert (refused.value.code, bool(refused.value.hint)) == ("input.picture", True)


def test_a_process_that_dies_is_replaced(reader: IdentityProcess, front: bytes) -> None:
    (before,) = _children()
    os.kill(before, signal.SIGKILL)
    with suppress(OutsideError):  # unless its end was noticed before the question
        reader.read_card(front, "front", BORROWER, AT)
    assert reader.read_card(front, "front", BORROWER, AT).readable
    assert _children() != [before]


def test_a_process_that_takes_too_long_is_ended(front: bytes) -> None:
    before = _children()
    reader = IdentityProcess(patience=0.01)
    with pytest.raises(OutsideError, match="没有响应"):
        reader.read_card(front, "front", BORROWER, AT)
    assert not [child for child in _children() if child not in before]


def test_the_service_itself_loads_no_engine() -> None:
    script = (
        "import sys, signing.bootstrap; print(sorted({'cv2', 'dlib', 'onnxruntime', 'rapidocr'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_who_waits_too_long_for_others_is_told_so_and_nothing_is_queued_for_them(front: bytes) -> None:
    reader = IdentityProcess(patience=0.05, processes=1)
    busy = reader._idle.get()
    with pytest.raises(OutsideError, match="没有轮到") as refused:
        reader.read_card(front, "front", BORROWER, AT)
    assert refused.value.code == "outside.crowded"
    reader._idle.put(busy)
    assert reader._idle.qsize() == 1


def test_another_process_takes_what_the_first_is_too_busy_for(front: bytes) -> None:
    reader = IdentityProcess(PATIENT, processes=2)
    first = reader._idle.get()
    try:
        assert reader.read_card(front, "front", BORROWER, AT).readable
        assert first is reader._all[0]
        assert len(_children()) >= 1
    finally:
        reader.close()
