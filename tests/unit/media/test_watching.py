"""What is told of each customer's line, once all of them have been looked at."""

import asyncio
import time
from dataclasses import replace
from typing import Any

from media import ports
from media.core.murmur import Sound
from media.core.phonestats import PhoneStats
from media.core.quality import Cause, Look, Way
from media.hearing import Hearing
from media.looking import Looks
from media.peer import Measured, Peer
from media.slots import LatestPicture
from media.watching import Seen, Watch, judged, pause, word_for_phone

WELL = Look(Way(pictures=15.0, delay=0.12), Way(pictures=15.0, delay=0.12))
LOSSY = Look(Way(loss=0.2, pictures=9.0, frozen=0.2, concealed=0.08), WELL.down)
STATS: dict[str, Any] = {"kind": "stats", "fps": 15, "limit": "cpu"}


def seen(party_id: str, watch: Watch, look: Look) -> Seen:
    return watch.see(party_id, None, Measured(9.0, 80.0, 20.0, 0.1), Looks(look, look))


def told_of(looks: dict[str, Look]) -> list[ports.Quality]:
    """What is told of each once it has held for some seconds."""
    watches = {party: Watch() for party in looks}
    for number in range(5):
        told = judged("c1", [seen(party, watches[party], look) for party, look in looks.items()], 2.0 * number)
    return told


def test_a_judgement_goes_with_the_figures_it_was_made_of_and_is_kept_for_the_stage() -> None:
    watch = Watch()
    assert watch.bars is None
    for number in range(5):
        (told,) = judged("c1", [seen("p1", watch, LOSSY)], 2.0 * number)
    assert (told.call_id, told.party_id, told.loss_percent) == ("c1", "p1", 20.0)
    assert told.judgement is not None
    assert told.judgement.cause is Cause.LOSSY
    assert watch.bars == told.judgement.bars


async def test_a_phone_that_says_it_is_busy_is_sent_small_pictures() -> None:
    peer = Peer((), LatestPicture(), Hearing(), lambda state: None, lambda seconds: None)
    watch, stats = Watch(), PhoneStats(pictures=5.0)
    busy = Look(WELL.up, Way(pictures=3.0, delay=0.12, frozen=0.6), limit="cpu")
    for look, eased in ((WELL, False), (busy, True)):
        for number in range(8):
            one = watch.see("p1", peer, Measured(15.0, 80.0, 0.0, 0.1), Looks(WELL, look, stats))
            (told,) = judged("c1", [one], 100.0 * eased + 2.0 * number)
        assert told.judgement is not None
        assert told.judgement.cause is (Cause.PHONE_BUSY if eased else Cause.FINE)
        assert (peer._pc.outgoing.easy_until > 0) is eased
    await peer.close()


def test_what_the_phone_claims_is_on_the_screen_and_in_no_word_of_the_seats_own() -> None:
    """A page that tells twice a second that it heard and saw nothing."""
    watch, claim = Watch(), PhoneStats(pictures=0.0, frozen=1.0, concealed=1.0)
    claimed = Look(WELL.up, Way(pictures=0.0, delay=0.12, frozen=1.0, concealed=1.0))
    for number in range(8):
        one = watch.see("p1", None, Measured(15.0, 80.0, 0.0, 0.1), Looks(WELL, claimed, claim))
        (told,) = judged("c1", [one], 2.0 * number)
    assert told.judgement is not None
    assert (told.judgement.bars, told.judgement.told) == (1, claim)
    own = told.judgement.own
    assert own is not None
    assert (own.bars, own.cause, own.score > 4) == (4, Cause.FINE, True)
    assert watch.bars == 4, "the stage is recorded"


def test_two_customers_badly_off_at_once_are_the_seats_network() -> None:
    told = told_of({"p1": LOSSY, "p2": LOSSY})
    assert [one.judgement.cause for one in told if one.judgement] == [Cause.SEAT_NETWORK] * 2
    told = told_of({"p1": LOSSY, "p2": WELL})
    assert [one.judgement.cause for one in told if one.judgement] == [Cause.LOSSY, Cause.FINE]


async def test_without_a_connection_the_path_is_broken_and_the_words_outlive_it() -> None:
    watch = Watch()
    nothing = await watch.look("p1", None)
    assert (nothing.cause, nothing.own, nothing.measured.silent) == (Cause.BROKEN, Cause.BROKEN, True)
    (told,) = judged("c1", [nothing], 0.0)
    assert told.judgement is not None
    assert (told.judgement.bars, told.judgement.score) == (0, 1.0)
    watch.begin()
    assert watch.bars == 0


def test_what_the_phone_tells_is_taken_once_in_a_while_and_only_if_it_can_be() -> None:
    watch = Watch()
    fresh = watch.looking
    watch.hear({"kind": "stats", "fps": -1})
    watch.hear({"kind": "something else"})
    assert watch.looking == fresh
    watch.hear(STATS)
    known = watch.looking._told
    assert known is not None
    assert known.limit == "cpu"
    watch.hear(STATS | {"limit": "none"})
    assert watch.looking._told is known, "too soon after the one before"


async def test_a_pause_tells_how_late_the_loop_was() -> None:
    async def hold_up() -> None:
        for _ in range(4):
            time.sleep(0.1)  # noqa: ASYNC251 - a loop that is held up is what is wanted
            await asyncio.sleep(0)

    task = asyncio.create_task(hold_up())
    held_up = await pause(0.2, steps=4)
    await task
    assert held_up > 0.05


def test_the_phone_is_told_bars_and_cause_and_nothing_of_the_others() -> None:
    (told,) = told_of({"p1": LOSSY})
    assert told.judgement is not None
    word = word_for_phone(told.judgement, Sound.GONE)
    assert word.keys() == {"kind", "bars", "cause", "score", "sound", "still"}
    assert (word["kind"], word["cause"], word["sound"]) == ("quality", "lossy", "gone")


def test_the_phone_is_told_while_there_is_voice_alone() -> None:
    thin = Look(WELL.up, Way(delay=0.12, rate=50_000.0), still=True)
    for look, still in ((thin, True), (WELL, False)):
        (told,) = told_of({"p1": look})
        assert told.judgement is not None
        assert word_for_phone(told.judgement, Sound.THERE)["still"] is still


def test_a_microphone_that_died_is_told_and_a_line_that_died_is_no_microphone() -> None:
    """Looked at every half second, who was heard is told of within five seconds of their last word."""
    word = 0.05

    def told_after(*looks: float | None) -> Sound:
        watch = Watch()
        for number, loudness in enumerate(looks):
            watch.listen(loudness, 0.5 * number)
        (told,) = judged("c1", [seen("p1", watch, WELL)], 0.5 * len(looks))
        return told.sound

    assert told_after(word, *[0.0] * 9) is Sound.GONE
    assert told_after(word, *[0.0] * 9, word) is Sound.THERE
    assert told_after(*[0.0] * 7) is Sound.NEVER
    assert told_after(word, *[None] * 30) is Sound.THERE


def test_a_microphone_that_changes_between_two_looks_is_told_at_once_and_is_no_look() -> None:
    watch = Watch()
    assert watch.heard_anew(None) is None, "nothing is known of the line yet"
    watch.listen(0.05, 0.0)
    (told,) = judged("c1", [seen("p1", watch, WELL)], 2.0)
    for number in range(9):
        watch.listen(0.0, 2.5 + 0.5 * number)
    assert watch.heard_anew(None) == replace(told, sound=Sound.GONE, again=True)
