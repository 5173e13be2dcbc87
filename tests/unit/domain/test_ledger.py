"""The canonical encoder against the reference package; the chain and the tree against their definitions."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from signing.domain import ledger
from signing.domain.ledger import GENESIS, ChainBroken, Line, append, canonical, verify_chain

AT = datetime(2026, 11, 24, 2, 10, 0, 123456, tzinfo=UTC)
ACTOR = {"kind": "staff", "id": "u_1", "role": "agent", "name": "张*"}

text = st.text(st.characters(exclude_categories=["Cs"]))
numbers = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | text | numbers,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_canonical_form_is_that_of_the_reference_package(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_as_itself(value: float) -> None:
    assert float(json.loads(canonical(value))) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (333333333.33333329, b"333333333.3333333"),
        (1e30, b"1e+30"),
        (4.50, b"4.5"),
        (2e-3, b"0.002"),
        (0.000000000000000000000000001, b"1e-27"),
        (1e21, b"1e+21"),
        (1e20, b"100000000000000000000"),
        (-0.0, b"0"),
        (5e-324, b"5e-324"),
    ],
)
def test_numbers_of_the_specification(value: float, expected: bytes) -> None:
    assert canonical(value) == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, b"x", {1: 2}, {"a": object()}, "\ud800", AT])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        canonical(value)


@pytest.mark.parametrize("data", [b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'{"a": 1}', b"1.0", b'"\\u0041"', b"\xff", b""])
def test_only_the_canonical_form_is_read(data: bytes) -> None:
    with pytest.raises(ValueError):
        ledger.parse_canonical(data)


def chain(count: int) -> list[Line]:
    lines: list[Line] = []
    for seq in range(1, count + 1):
        prev = lines[-1].sha256 if lines else GENESIS
        lines.append(append(prev, seq, AT + timedelta(seconds=seq), ACTOR, "case.opened", {"n": seq}))
    return lines


@pytest.mark.parametrize("data", [b"[" * 200_000, b"[" * 200_000 + b"]" * 200_000, b'{"a":' * 200_000])
def test_what_is_nested_too_deeply_is_refused_like_any_other_nonsense(data: bytes) -> None:
    with pytest.raises(ValueError, match="nested"):
        ledger.parse_canonical(data)


def test_a_line_holds_its_fields_and_the_hash_of_its_past() -> None:
    first, second = chain(2)
    record = json.loads(second.data)
    assert record["at"] == "2026-11-24T02:10:02.123Z"
    assert record["prev"] == hashlib.sha256(first.data).hexdigest() == first.sha256
    assert (record["seq"], record["type"], record["actor"]) == (2, "case.opened", ACTOR)
    assert verify_chain(line.data for line in (first, second)) == second.sha256


def test_times_are_written_in_utc_and_must_have_a_zone() -> None:
    beijing = AT.astimezone(timezone(timedelta(hours=8)))
    assert append(GENESIS, 1, beijing, ACTOR, "x", {}) == append(GENESIS, 1, AT, ACTOR, "x", {})
    with pytest.raises(ValueError):
        append(GENESIS, 1, AT.replace(tzinfo=None), ACTOR, "x", {})


def test_an_empty_chain_ends_where_it_begins() -> None:
    assert verify_chain([]) == GENESIS


@given(st.integers(0, 3), st.data())
def test_any_changed_byte_before_the_last_line_breaks_the_chain(number: int, data: st.DataObject) -> None:
    lines = [line.data for line in chain(5)]
    at = data.draw(st.integers(0, len(lines[number]) - 1))
    bit = data.draw(st.integers(0, 7))
    changed = bytearray(lines[number])
    changed[at] ^= 1 << bit
    lines[number] = bytes(changed)
    with pytest.raises(ChainBroken) as raised:
        verify_chain(lines)
    assert raised.value.line in (number + 1, number + 2)


@given(st.permutations(range(4)))
def test_lines_can_neither_move_nor_vanish(order: list[int]) -> None:
    lines = [line.data for line in chain(4)]
    if order != [0, 1, 2, 3]:
        with pytest.raises(ChainBroken):
            verify_chain(lines[index] for index in order)
    with pytest.raises(ChainBroken) as raised:
        verify_chain([lines[0], lines[2], lines[3]])
    assert raised.value.line == 2
    with pytest.raises(ChainBroken):
        verify_chain([*lines, lines[-1]])


@pytest.mark.parametrize(
    "change",
    [{"seq": True}, {"at": "2026-11-24T02:10:00Z"}, {"actor": "x"}, {"body": []}, {"type": 1}, {"extra": 1}],
)
def test_a_line_of_another_shape_is_refused(change: dict[str, object]) -> None:
    record = json.loads(chain(1)[0].data) | change
    with pytest.raises(ChainBroken):
        verify_chain([canonical(record)])


# The tree hashes and proofs of the example of RFC 6962, 2.1.3, written out by hand.

LEAVES = [ledger.leaf_hash(f"d{index}".encode()) for index in range(7)]
A, B, C, D, E, F, J = LEAVES
G, H, I_ = ledger.node_hash(A, B), ledger.node_hash(C, D), ledger.node_hash(E, F)
K, L = ledger.node_hash(G, H), ledger.node_hash(I_, J)


def test_the_example_of_the_specification() -> None:
    assert ledger.merkle_root(LEAVES) == ledger.node_hash(K, L)
    assert ledger.inclusion_proof(0, LEAVES) == [B, H, L]
    assert ledger.inclusion_proof(3, LEAVES) == [C, G, L]
    assert ledger.inclusion_proof(4, LEAVES) == [F, J, K]
    assert ledger.inclusion_proof(6, LEAVES) == [I_, K]
    assert ledger.consistency_proof(3, LEAVES) == [C, D, G, L]
    assert ledger.consistency_proof(4, LEAVES) == [L]
    assert ledger.consistency_proof(6, LEAVES) == [I_, J, K]
    assert ledger.merkle_root([]) == hashlib.sha256(b"").digest()


sizes = st.integers(1, 40)


def leaves(size: int) -> list[bytes]:
    return [ledger.leaf_hash(bytes([index])) for index in range(size)]


@given(sizes, st.data())
def test_every_leaf_is_proven_and_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    log = leaves(size)
    root, path = ledger.merkle_root(log), ledger.inclusion_proof(index, log)
    assert ledger.verify_inclusion(index, size, log[index], path, root)
    assert not ledger.verify_inclusion(index, size, ledger.leaf_hash(b"other"), path, root)
    assert not ledger.verify_inclusion(index, size, log[index], [*path, root], root)
    assert not ledger.verify_inclusion(size, size, log[index], path, root)
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index)) if size > 1 else index
    assert other == index or not ledger.verify_inclusion(other, size, log[index], path, root)


@given(sizes, st.data())
def test_a_log_proves_its_own_past_and_no_other(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, size))
    log = leaves(size)
    old, new = ledger.merkle_root(log[:first]), ledger.merkle_root(log)
    proof = ledger.consistency_proof(first, log)
    assert ledger.verify_consistency(first, size, old, new, proof)
    rewritten = ledger.merkle_root([ledger.leaf_hash(b"rewritten"), *log[1:first]])
    assert not ledger.verify_consistency(first, size, rewritten, new, proof)
    assert not ledger.verify_consistency(first, size, old, new, [*proof, old])
    assert not ledger.verify_consistency(first, size, old, ledger.leaf_hash(b"new"), proof)


def test_a_proof_of_nothing_is_refused() -> None:
    with pytest.raises(IndexError):
        ledger.inclusion_proof(2, leaves(2))
    with pytest.raises(IndexError):
        ledger.consistency_proof(0, leaves(2))
    assert not ledger.verify_consistency(0, 2, b"", b"", [])
    assert not ledger.verify_consistency(3, 7, b"x" * 32, b"y" * 32, [])
