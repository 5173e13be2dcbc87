"""The proof before hang-up, told by whom it is about."""

from dataclasses import replace

from PySide6.QtWidgets import QLabel

from desktop.model import proofs
from desktop.seat.workspace import SeatWorkspace
from signing.wire.case import PartyState, ProofItem, StepKey
from tests.unit.desktop import views
from tests.unit.desktop.test_seat_panels import show, talking


def item(key: str, title: str = "项", *, ok: bool = True) -> ProofItem:
    return ProofItem(key=key, title=title, ok=ok, remedy="" if ok else "请补做")


ITEMS = [
    item("consents.p1"), item("read.d1.p1"), item("signed.d1.p2", ok=False), item("read.d1.p2"),
    item("recording.checked"),
]  # fmt: skip


def test_each_line_stands_under_the_party_it_is_about_and_the_rest_under_the_call() -> None:
    case = views.case(StepKey.PROOF, others=[views.party("p2", PartyState.READ)])
    found = proofs.groups(case, ITEMS)
    assert [(group.title, len(group.items)) for group in found] == [
        ("保证人 李*梅", 2), ("借款人 王*国", 2), (proofs.OF_THE_CALL, 1),
    ]  # fmt: skip
    assert found[0].words == "保证人 李*梅 · 缺 1 项"
    assert found[1].words == "借款人 王*国 · 2 项齐全"
    assert [one.key for one in found[0].missing] == ["signed.d1.p2"]


def test_nothing_is_lost_and_nobody_without_a_line_is_named() -> None:
    case = views.case(StepKey.PROOF, others=[views.party("p3", PartyState.READ)])
    found = proofs.groups(case, ITEMS)
    assert sum(len(group.items) for group in found) == len(ITEMS)
    assert [group.title for group in found] == [proofs.OF_THE_CALL, "借款人 王*国"]
    assert proofs.groups(case, []) == []


def test_the_panel_names_whose_paper_is_missing(workspace: SeatWorkspace) -> None:
    state = talking(StepKey.PROOF, proof=ITEMS, others=[views.party("p2", PartyState.READ)])
    show(workspace, replace(state, proof_open=True))
    words = [one.text() for one in workspace.proof.findChildren(QLabel) if one.isVisible()]
    assert "保证人 李*梅 · 缺 1 项" in words
    assert words.index("保证人 李*梅 · 缺 1 项") < words.index("→ 请补做") < words.index("借款人 王*国 · 2 项齐全")


def test_one_party_alone_has_no_heads_where_there_is_nothing_to_tell_apart(workspace: SeatWorkspace) -> None:
    state = talking(StepKey.PROOF, proof=[item("consents.p1")])
    show(workspace, replace(state, proof_open=True))
    assert len([one for one in workspace.proof.findChildren(QLabel) if one.isVisible() and "齐全" in one.text()]) <= 2
