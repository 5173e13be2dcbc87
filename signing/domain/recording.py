"""The life of one recording: recorded, finished, uploaded, and read back."""

import hashlib
from collections.abc import Callable, Sequence
from enum import StrEnum

from signing.domain.case import RecordingState, Segment
from signing.domain.machine import Machine


class RecordingEvent(StrEnum):
    FINISHED = "finished"
    UPLOADED = "uploaded"
    FOUND_WHOLE = "found_whole"
    FOUND_DAMAGED = "found_damaged"
    DECLARED_LOST = "declared_lost"


_S, _E = RecordingState, RecordingEvent

RECORDING = Machine(
    name="recording",
    initial=RecordingState.RECORDING,
    table={
        (_S.RECORDING, _E.FINISHED): _S.FINISHED,
        (_S.FINISHED, _E.UPLOADED): _S.UPLOADED,
        (_S.UPLOADED, _E.UPLOADED): _S.UPLOADED,
        (_S.UPLOADED, _E.FOUND_WHOLE): _S.VERIFIED,
        (_S.UPLOADED, _E.FOUND_DAMAGED): _S.DAMAGED,
        (_S.DAMAGED, _E.UPLOADED): _S.UPLOADED,
        (_S.RECORDING, _E.DECLARED_LOST): _S.LOST,
        (_S.FINISHED, _E.DECLARED_LOST): _S.LOST,
        (_S.DAMAGED, _E.DECLARED_LOST): _S.LOST,
    },
    titles={
        _S.RECORDING: "录制中",
        _S.FINISHED: "待上传",
        _S.UPLOADED: "待回读",
        _S.VERIFIED: "已回读确认",
        _S.DAMAGED: "有损坏",
        _S.LOST: "已声明遗失",
    },
)


def chain_faults(segments: Sequence[Segment], size: int) -> list[str]:
    """What is wrong with the promised segments themselves, in Chinese; empty where they fit together."""
    faults: list[str] = []
    offset, chain = 0, bytes(32)
    for index, segment in enumerate(segments):
        chain = hashlib.sha256(chain + bytes.fromhex(segment.sha256)).digest()
        if segment.index != index or segment.offset != offset:
            faults.append(f"第 {index + 1} 段的位置不连续")
        if segment.chain != chain.hex():
            faults.append(f"第 {index + 1} 段的链值不符")
        offset += segment.size
    if not segments or offset != size:
        faults.append("各段合计的大小与文件不符")
    return faults


def segment_faults(read: Callable[[Segment], bytes], segments: Sequence[Segment]) -> list[str]:
    """Segments whose bytes are not those that were promised. ``read`` gives the bytes of one."""
    return [
        f"第 {segment.index + 1} 段的摘要不符"
        for segment in segments
        if hashlib.sha256(read(segment)).hexdigest() != segment.sha256
    ]
