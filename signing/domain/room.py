"""How much room the disk has that the service keeps everything on: told while there is time to make more. Pure."""

from enum import StrEnum

GIGABYTE = 1 << 30
LOW, SCARCE = 10 * GIGABYTE, 2 * GIGABYTE
"""Bytes: twenty and four hours of recording at half a gigabyte an hour, which forty seats write in half an hour and
in six minutes. At none every step is refused and recordings stay at the seats."""


class Room(StrEnum):
    """Of the disk."""

    ENOUGH = "enough"
    LOW = "low"
    SCARCE = "scarce"


def room_of(free: int | None) -> Room:
    """``free``: bytes; None where nothing is known."""
    if free is None or free >= LOW:
        return Room.ENOUGH
    return Room.LOW if free >= SCARCE else Room.SCARCE


def room_words(free: int | None) -> str:
    """In Chinese, with what to do; empty where there is enough."""
    if free is None or room_of(free) is Room.ENOUGH:
        return ""
    left = f"{free / GIGABYTE:.1f} GB"
    if room_of(free) is Room.LOW:
        return f"服务器磁盘只剩 {left}，用完后步骤和录像都存不下：请联系管理员清理或扩容"
    return f"服务器磁盘只剩 {left}，新的步骤可能存不下：请暂停排队，并马上联系管理员"
