"""Which page of which paper stands on the stage: the one on the phone of whom the agent turns to."""

import pytest

from desktop.model import workspace as w
from desktop.model.paging import page_now, words
from desktop.model.workspace import reduce
from media import ports
from media.core.layout import Layout
from signing.wire.call import CallParty, CallPartyState
from signing.wire.case import DocumentState, DocumentView, PartyState, StepKey
from signing.wire.staff import Presence
from tests.unit.desktop import views

LIVE, HELD = CallPartyState.LIVE, CallPartyState.HELD
ONE = [views.place("p1")]
TWO = [views.place("p1"), views.place("p2")]


def paper(
    number: int, kind: str = "personal_loan_contract", signers: tuple[str, ...] = ("p1", "p2"), **changes: object
) -> DocumentView:
    made = DocumentView(
        document_id=f"d{number}", kind=kind, title="个人借款合同", pages=4, state=DocumentState.FROZEN,
        frozen_sha256=views.digest("a"), current_sha256=views.digest("a"), signers=list(signers),
    )  # fmt: skip
    return made.model_copy(update=changes)


def pushed(*papers: DocumentView, places: list[CallParty] = TWO, step: StepKey = StepKey.READING) -> w.Pushed:
    about = views.case(step, others=[views.party("p2", PartyState.INFORMED)])
    about = about.model_copy(update={"documents": list(papers)})
    return w.Pushed(views.view(Presence.ON_CALL, talk=views.call("c1", *places), about=about), views.NOW)


def state_of(*papers: DocumentView, places: list[CallParty] = TWO, step: StepKey = StepKey.READING) -> w.State:
    return reduce(w.State(), pushed(*papers, places=places, step=step))[0]


def test_the_page_on_the_screen_of_the_first_paper_that_is_not_signed() -> None:
    signed, next_one = paper(1, signed_by=["p1"]), paper(2, on_screen_by={"p1": 3, "p2": 2})
    state = state_of(signed, next_one, paper(3))
    page = page_now(state)
    assert page is not None
    assert (page.document_id, page.page, page.pages) == ("d2", 3, 4)
    assert words(page) == ("《个人借款合同》", "第 3 页，共 4 页")
    other = page_now(reduce(state, w.Focused("p2"))[0])
    assert other is not None
    assert (other.document_id, other.page) == ("d1", 1), "the other reads the paper before, at its beginning"


def test_when_all_is_read_the_last_page_where_the_signature_goes() -> None:
    read = paper(1, pages_read_by={"p1": [1, 2, 3, 4]}, on_screen_by={"p1": 2})
    for step in (StepKey.READING, StepKey.SIGNING):
        page = page_now(state_of(read, step=step))
        assert page is not None
        assert page.page == 4


@pytest.mark.parametrize("step", [StepKey.IDENTITY, StepKey.DISCLOSURE, StepKey.PROOF])
def test_in_no_other_step(step: StepKey) -> None:
    assert page_now(state_of(paper(1), step=step)) is None


def test_a_void_paper_and_one_of_others_are_passed_over_and_with_none_left_there_is_none() -> None:
    assert page_now(state_of(paper(1, state=DocumentState.VOID), paper(2, signers=("p2",)))) is None


@pytest.mark.parametrize("kind", ["credit_inquiry_authorisation", "personal_information_consent"])
def test_a_paper_with_one_persons_data_is_shown_to_nobody_else(kind: str) -> None:
    own = paper(1, kind, ("p1",))
    assert page_now(state_of(own)) is None
    assert page_now(state_of(own, places=ONE)) is not None
    assert page_now(state_of(own, places=[views.place("p1"), views.place("p2", HELD)])) is not None
    assert page_now(state_of(paper(1, kind))) is not None, "whom it is about may see it"


def test_of_who_is_not_in_the_call_nothing_is_shown() -> None:
    assert page_now(state_of(paper(1), places=[views.place("p1", HELD), views.place("p2")])) is None


def effects_of(state: w.State, what: w.Input) -> tuple[w.State, list[w.Effect]]:
    state, effects = reduce(state, what)
    return state, [e for e in effects if isinstance(e, w.LeafThrough) or is_document(e)]


def is_document(effect: w.Effect) -> bool:
    return isinstance(effect, w.Post) and isinstance(effect.command, ports.ShowDocument)


def test_it_is_turned_once_for_each_page_and_put_away_at_the_end() -> None:
    state, effects = effects_of(w.State(), pushed(paper(1)))
    assert [effect.page.page for effect in effects if isinstance(effect, w.LeafThrough)] == [1]
    state, effects = effects_of(state, pushed(paper(1)))
    assert effects == []
    state, effects = effects_of(state, pushed(paper(1, on_screen_by={"p1": 2})))
    assert [effect.page.page for effect in effects if isinstance(effect, w.LeafThrough)] == [2]
    state, effects = effects_of(state, pushed(paper(1), step=StepKey.PROOF))
    assert effects == [w.Post(ports.ShowDocument("c1", None))]
    state, effects = effects_of(state, w.Pushed(views.view(), views.NOW))
    assert effects == []


def test_the_key_turns_the_arrangements_round_and_a_new_call_begins_with_the_first() -> None:
    state, _ = reduce(w.State(), w.LayoutTurned())
    assert state.media.layout is Layout.AUTO, "without a call there is no stage"
    state = state_of(paper(1))
    posted = []
    for _ in range(4):
        state, effects = reduce(state, w.LayoutTurned())
        posted += [effect.command for effect in effects if isinstance(effect, w.Post)]
    layouts = [command.layout for command in posted if isinstance(command, ports.SetLayout)]
    assert layouts == [Layout.GRID, Layout.SPEAKER, Layout.AUTO, Layout.GRID]
    view = views.view(Presence.ON_CALL, talk=views.call("c2"), about=views.case())
    assert reduce(state, w.Pushed(view, views.NOW))[0].media.layout is Layout.AUTO
