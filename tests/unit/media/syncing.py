"""What a power cut would leave."""

import os

import pytest


def syncing(patch: pytest.MonkeyPatch) -> dict[int, int]:
    """How much of each file (by its inode) is on disk for certain, from now on."""
    kept: dict[int, int] = {}
    real = os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        state = os.fstat(descriptor)
        kept[state.st_ino] = state.st_size

    patch.setattr(os, "fsync", fsync)
    return kept
