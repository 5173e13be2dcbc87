"""The service-wide log: what its entries and checkpoints are, and the proof a package carries.

An entry is the canonical JSON ``{"case_id", "events", "head"}``: the case's number of events and the SHA-256 of its
last line. A checkpoint is three lines of text (C2SP tlog-checkpoint: origin, size, root in base64); the service's
evidence key signs it and a time-stamp covers it. ``log/inclusion.json`` is the canonical JSON ``{"entry",
"leaf_index", "tree_size", "path", "checkpoint", "signature", "timestamp"}``, ``path`` in hexadecimal, the last two
the base64 of DER.
"""

import base64
from collections.abc import Sequence

from signing.domain.ledger import canonical, inclusion_proof, leaf_hash, merkle_root, parse_canonical, verify_inclusion
from signing.evidence.core.book import Mismatch

INCLUSION = "log/inclusion.json"
INCLUSION_KEYS = {"entry", "leaf_index", "tree_size", "path", "checkpoint", "signature", "timestamp"}


def log_entry(case_id: str, events: int, head: str) -> bytes:
    """What the log stores for a closed case; its leaf is ``ledger.leaf_hash`` of these bytes."""
    return canonical({"case_id": case_id, "events": events, "head": head})


def checkpoint_text(origin: str, leaves: Sequence[bytes]) -> bytes:
    """The text to sign for a log of these leaf hashes. ``origin`` names the log, one line."""
    return checkpoint_of(origin, len(leaves), merkle_root(leaves))


def checkpoint_of(origin: str, size: int, root: bytes) -> bytes:
    """The same where the root is known."""
    if not origin or "\n" in origin:
        raise ValueError("an origin is one line")
    return _checkpoint(origin, size, root)


def _checkpoint(origin: str, size: int, root: bytes) -> bytes:
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()


def inclusion_file(
    entry: bytes, index: int, leaves: Sequence[bytes], checkpoint: bytes, signature: bytes, timestamp: bytes
) -> bytes:
    """``log/inclusion.json`` for leaf ``index``; ``signature`` and ``timestamp`` are DER over ``checkpoint``."""
    path = inclusion_proof(index, leaves)
    return inclusion_of(entry, index, len(leaves), path, checkpoint, signature, timestamp)


def inclusion_of(
    entry: bytes, index: int, size: int, path: Sequence[bytes], checkpoint: bytes, signature: bytes, timestamp: bytes
) -> bytes:
    """The same where the path in the log of ``size`` entries is known."""
    return canonical(
        {
            "entry": parse_canonical(entry),
            "leaf_index": index,
            "tree_size": size,
            "path": [step.hex() for step in path],
            "checkpoint": checkpoint.decode(),
            "signature": base64.b64encode(signature).decode(),
            "timestamp": base64.b64encode(timestamp).decode(),
        }
    )


def check_inclusion(data: bytes, lines: Sequence[bytes], head: str) -> tuple[bytes, bytes, bytes]:
    """(checkpoint, signature, timestamp), whose cryptography is still to be checked. Raises ``ValueError``."""
    record = parse_canonical(data)
    if not isinstance(record, dict) or set(record) != INCLUSION_KEYS:
        raise Mismatch("日志证明的字段不对")
    entry, text = record["entry"], str(record["checkpoint"])
    if entry.get("head") != head or entry.get("events") != len(lines):
        raise Mismatch("日志证明说的不是本案的事件链")
    origin, size, root = text.split("\n")[:3]
    root_hash = base64.b64decode(root, validate=True)
    if _checkpoint(origin, record["tree_size"], root_hash).decode() != text or size != str(record["tree_size"]):
        raise Mismatch("日志检查点写法不对")
    path = [bytes.fromhex(step) for step in record["path"]]
    leaf = leaf_hash(canonical(entry))
    if not verify_inclusion(record["leaf_index"], record["tree_size"], leaf, path, root_hash):
        raise Mismatch("日志证明算不到检查点的根")
    der = [base64.b64decode(record[key], validate=True) for key in ("signature", "timestamp")]
    return text.encode(), der[0], der[1]
