"""Who shares an encoding with whom: few encodings, nobody held down far, and no change that is not worth it."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from media.core.sharing import EACH, LOOK, MOST, Sharing, Want, best, cost, encodings

Wants = dict[str, Want]


def wants(**kbps: float) -> Wants:
    return {name: Want("stage", "H264", 1000 * rate) for name, rate in kbps.items()}


def divided(wanted: Wants) -> set[frozenset[str]]:
    return set(best(wanted))


def sets(*groups: str) -> set[frozenset[str]]:
    return {frozenset(group) for group in groups}


def run(sharing: Sharing[str], wanted: Wants, seconds: float, start: float) -> float:
    """As the pictures come; returns when they ended."""
    for step in range(int(seconds * 15)):
        sharing.choose(wanted, start + step / 15)
    return start + seconds


# --- the best division ---


def test_one_is_alone() -> None:
    assert divided(wants(a=100)) == sets("a")
    assert best({}) == ()


def test_alike_are_together() -> None:
    assert divided(wants(a=800, b=700, c=760, d=800, e=650, f=800)) == sets("abcdef")


def test_far_ones_are_apart() -> None:
    assert divided(wants(a=800, b=760, c=300, d=90, e=100)) == sets("ab", "c", "de")


def test_a_pair_is_parted_from_half_as_much_again_on() -> None:
    assert divided(wants(a=100, b=140)) == sets("ab")
    assert divided(wants(a=100, b=155)) == sets("a", "b")


def test_no_more_than_three() -> None:
    assert len(divided(wants(a=800, b=400, c=200, d=100, e=50))) == MOST


def test_who_stumbles_is_apart_as_long_as_there_is_room() -> None:
    wanted = wants(a=800, b=800, c=800)
    wanted["c"] = Want("stage", "H264", 800e3, steady=False)
    assert divided(wanted) == sets("ab", "c")
    wanted |= wants(d=200, e=50)
    assert len(divided(wanted)) == MOST
    assert frozenset("e") in divided(wanted)


def test_another_picture_or_codec_is_never_shared() -> None:
    wanted = wants(a=800, b=800)
    wanted["held"] = Want("still", "H264", 800e3)
    wanted["old"] = Want("stage", "VP8", 800e3)
    assert divided(wanted) == {frozenset("ab"), frozenset({"held"}), frozenset({"old"})}
    wanted["fourth"] = Want("still", "VP8", 800e3)
    assert len(divided(wanted)) == 4, "what cannot be shared is encoded all the same"
    assert len(divided(wanted | wants(c=50))) == 4, "and leaves no room to divide any further"


def test_who_sees_nothing_move_costs_nothing() -> None:
    wanted = wants(a=800, b=300, c=100)
    wanted |= {name: Want("stage", "H264", 8e3, live=False) for name in "xy"}
    assert divided(wanted) == sets("a", "b", "c", "xy")
    assert encodings(tuple(divided(wanted)), wanted) == MOST


one = st.builds(
    Want,
    picture=st.sampled_from(["stage", "still"]),
    codec=st.sampled_from(["H264", "VP8"]),
    rate=st.floats(1e3, 1e6),
    steady=st.booleans(),
    live=st.booleans(),
)
some = st.dictionaries(st.sampled_from("abcdefghijkl"), one, max_size=12)


def check(groups: list[frozenset[str]], wanted: Wants) -> None:
    assert sorted(viewer for group in groups for viewer in group) == sorted(wanted), "each exactly once"
    for group in groups:
        assert len({wanted[viewer].kind for viewer in group}) == 1
    kinds = {want.kind for want in wanted.values() if want.live}
    assert encodings(groups, wanted) <= max(MOST, len(kinds))


@settings(deadline=None)
@given(some)
def test_whatever_is_wanted_is_divided_soundly(wanted: Wants) -> None:
    groups = list(best(wanted))
    check(groups, wanted)
    kinds: dict[object, frozenset[str]] = {}
    for name, want in wanted.items():
        kinds[want.kind] = kinds.get(want.kind, frozenset()) | {name}
    assert cost(groups, wanted) <= cost(list(kinds.values()), wanted) + 1e-9, "never worse than not to divide"


@settings(deadline=None)
@given(st.lists(some, max_size=12), st.floats(0.01, 3))
def test_whatever_happens_everybody_is_in_one_group_of_their_kind(steps: list[Wants], apart: float) -> None:
    sharing: Sharing[str] = Sharing()
    for number, wanted in enumerate(steps):
        check(list(sharing.choose(wanted, number * apart).values()), wanted)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(1e4, 1e6), st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_one_alone_keeps_one_encoding_whatever_becomes_of_it(steps: list[tuple[float, bool, bool]]) -> None:
    sharing: Sharing[str] = Sharing()
    seen = {
        tuple(sharing.choose({"a": Want(number, "H264", rate, steady, live)}, number * 0.3))
        for number, (rate, steady, live) in enumerate(steps)
    }
    assert seen == {(1,)}


# --- in the course of a call ---


def test_who_comes_later_begins_apart_and_joins_when_it_has_risen() -> None:
    sharing: Sharing[str] = Sharing()
    now = run(sharing, wants(a=700), 5, 0.0)
    (first,) = sharing.groups
    now = run(sharing, wants(a=700, b=90), 5, now)
    assert sharing.groups[first] == frozenset("a"), "who was there is not disturbed"
    assert set(sharing.groups.values()) == sets("a", "b")
    run(sharing, wants(a=700, b=650), 10, now)
    assert sharing.groups == {first: frozenset("ab")}


def test_who_comes_when_all_is_full_goes_where_it_fits_best() -> None:
    sharing: Sharing[str] = Sharing()
    now = run(sharing, wants(a=800, b=250, c=80), 1, 0.0)
    before = dict(sharing.groups)
    sharing.choose(wants(a=800, b=250, c=80, d=90), now)
    assert sharing.groups.keys() == before.keys()
    assert frozenset("cd") in sharing.groups.values()


def test_who_leaves_changes_nothing_for_the_others() -> None:
    sharing: Sharing[str] = Sharing()
    now = run(sharing, wants(a=800, b=790, c=100), 2, 0.0)
    numbers = {viewer: number for number, group in sharing.groups.items() for viewer in group}
    sharing.choose(wants(b=790, c=100), now)
    assert {viewer: number for number, group in sharing.groups.items() for viewer in group} == {
        viewer: numbers[viewer] for viewer in "bc"
    }


def test_who_is_held_is_taken_out_at_once() -> None:
    sharing: Sharing[str] = Sharing()
    now = run(sharing, wants(a=800, b=800), 2, 0.0)
    (number,) = sharing.groups
    wanted = wants(a=800, b=800)
    wanted["b"] = Want("still", "H264", 800e3)
    sharing.choose(wanted, now)
    assert set(sharing.groups.values()) == sets("a", "b")
    assert number in sharing.groups


def test_a_small_fall_moves_nobody() -> None:
    sharing: Sharing[str] = Sharing()
    now = run(sharing, wants(a=800, b=800, c=800), 2, 0.0)
    run(sharing, wants(a=800, b=800, c=620), 60, now)
    assert set(sharing.groups.values()) == sets("abc")


def test_a_deep_fall_parts_at_once_and_the_many_go_on_undisturbed() -> None:
    sharing: Sharing[str] = Sharing()
    now = run(sharing, wants(a=800, b=800, c=800, d=800), 2, 0.0)
    (number,) = sharing.groups
    run(sharing, wants(a=800, b=800, c=800, d=100), 0.5, now)
    assert sharing.groups[number] == frozenset("abc")


def test_of_a_pair_the_thin_one_keeps_the_encoding_for_a_key_picture_would_hurt_it_most() -> None:
    sharing: Sharing[str] = Sharing()
    now = run(sharing, wants(a=800, b=800), 2, 0.0)
    (number,) = sharing.groups
    run(sharing, wants(a=800, b=100), 1, now)
    assert sharing.groups[number] == frozenset("b")


def test_a_fall_that_lasts_a_moment_is_waited_out_where_it_costs_little() -> None:
    sharing: Sharing[str] = Sharing()
    now = run(sharing, wants(a=400, b=400), 2, 0.0)
    now = run(sharing, wants(a=400, b=200), 2 * LOOK, now)
    run(sharing, wants(a=400, b=400), 20, now)
    assert list(sharing.groups.values()) == [frozenset("ab")]
    assert list(sharing.groups) == [1]


def test_two_that_part_and_meet_again_and_again_do_so_ever_more_rarely() -> None:
    """Apart b seems to carry as much as a, together twice as much: left alone they would change for ever."""
    sharing: Sharing[str] = Sharing()
    changes, before, now = [], None, 0.0
    while now < 60:
        together = len(sharing.groups) == 1
        groups = dict(sharing.choose(wants(a=200, b=340 if together else 200), now))
        if before is not None and groups != before:
            changes.append(now)
        before, now = groups, now + 1 / 15
    assert 2 <= len(changes) <= 6
    spans = [later - earlier for earlier, later in pairwise(changes)]
    assert spans == sorted(spans)


@settings(deadline=None)
@given(st.lists(st.floats(560, 800), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_what_is_within_the_band_stays_together(rates: list[float], chance: object) -> None:
    sharing: Sharing[str] = Sharing()
    names = "abcdefgh"[: len(rates)]
    small = {name: Want("stage", "H264", 1000 * rate) for name, rate in zip(names, rates, strict=True)}
    now = run(sharing, dict.fromkeys(names, Want("stage", "H264", 700e3)), 1, 0.0)
    run(sharing, small, 5, now)
    together = cost([frozenset(names)], small)
    if together <= 2 * EACH:
        assert list(sharing.groups.values()) == [frozenset(names)]
