"""The log's head and proofs from kept nodes are those from all leaves."""

import pytest

from signing.domain.ledger import inclusion_proof, leaf_hash, merkle_root, verify_inclusion
from signing.domain.merkle import completed, prove, root


class Kept:
    """Nodes as a table keeps them; counts how often it is asked."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.asked = 0

    def get(self, level: int, index: int) -> bytes:
        self.asked += 1
        return self.nodes[level, index]

    def add(self, position: int, leaf: bytes) -> None:
        for level, index, found in list(completed(position, leaf, self.get)):
            self.nodes[level, index] = found


def test_every_head_and_every_proof_up_to_seventy_leaves() -> None:
    kept, leaves = Kept(), list[bytes]()
    assert root(0, kept.get) == merkle_root([])
    for position in range(70):
        leaves.append(leaf_hash(b"%d" % position))
        kept.add(position, leaves[-1])
        size = len(leaves)
        for index in range(size):
            proof = prove(index, size, kept.get)
            assert proof.root == merkle_root(leaves)
            assert list(proof.path) == inclusion_proof(index, leaves)
            assert verify_inclusion(index, size, leaves[index], proof.path, proof.root)


def test_a_proof_in_a_long_log_asks_for_little() -> None:
    kept = Kept()
    for position in range(5000):
        kept.add(position, leaf_hash(b"%d" % position))
    kept.asked = 0
    prove(3210, 5000, kept.get)
    assert kept.asked < 60
    assert len(kept.nodes) < 2 * 5000


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_what_is_not_in_the_log_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(IndexError):
        prove(index, size, Kept().get)
