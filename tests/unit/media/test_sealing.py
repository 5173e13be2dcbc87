"""Encryption on the seat: only the right key at the right place opens anything."""

import pytest

from media.errors import BrokenRecording
from media.sealing import KEY_BYTES, new_key, seal, unseal, unwrap, wrap


def test_what_is_sealed_is_opened_by_its_key_at_its_place() -> None:
    key = new_key()
    sealed = seal(key, b"moof and mdat" * 1000, b"here")
    assert b"moof" not in sealed
    assert unseal(key, sealed, b"here") == b"moof and mdat" * 1000


def test_two_keys_and_two_seals_differ() -> None:
    key = new_key()
    assert len(key) == KEY_BYTES
    assert key != new_key()
    assert seal(key, b"same", b"") != seal(key, b"same", b"")


@pytest.mark.parametrize("fault", ["key", "place", "bit", "short", "empty"])
def test_anything_else_is_refused(fault: str) -> None:
    key, place = new_key(), b"here"
    sealed = bytearray(seal(key, b"content", place))
    if fault == "key":
        key = new_key()
    elif fault == "place":
        place = b"there"
    elif fault == "bit":
        sealed[14] ^= 1
    else:
        del sealed[5 if fault == "short" else 0 :]
    with pytest.raises(BrokenRecording, match="打不开"):
        unseal(key, bytes(sealed), place)


def test_a_recordings_key_lies_under_the_spool_key_and_its_own_name() -> None:
    spool_key, key = new_key(), new_key()
    wrapped = wrap(spool_key, key, "call_1.ab")
    assert key.hex() not in wrapped
    assert unwrap(spool_key, wrapped, "call_1.ab") == key
    for other_key, text, name in (
        (new_key(), wrapped, "call_1.ab"),
        (spool_key, wrapped, "call_1.cd"),
        (spool_key, "no hexadecimal", "call_1.ab"),
        (spool_key, "", "call_1.ab"),
    ):
        with pytest.raises(BrokenRecording):
            unwrap(other_key, text, name)
