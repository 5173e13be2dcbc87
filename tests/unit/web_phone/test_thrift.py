"""What the phone's sound may cost by what its way out carries, and how the form of sound is chosen in an answer."""

import pytest

from tests.unit.web_phone.script import Module

ANSWER = "\\r\\n".join(
    [
        "v=0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 63 111 126",
        "a=rtpmap:63 red/48000/2",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:63 111/111",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 111",
        "a=rtpmap:96 VP8/90000",
        "",
    ]
)


class Care:
    def __init__(self) -> None:
        self._module = Module("thrift.js")
        self._module.run("var care = m.createCare()")

    def look(self, available: float, lost: float = 0.0) -> tuple[bool, int, bool]:
        found = self._module.run(f"care.look({available}, {lost})")
        return found["twice"], int(found["bits"]), found["long"]

    def settle(self, available: float, lost: float = 0.0) -> tuple[bool, int, bool]:
        return [self.look(available, lost) for _ in range(6)][-1]


@pytest.fixture
def care() -> Care:
    return Care()


def test_a_wide_way_carries_each_packet_twice_and_all_of_the_voice(care: Care) -> None:
    assert care.settle(800e3) == (True, 0, False)


def test_a_thin_way_gets_one_voice_in_long_packets_at_once(care: Care) -> None:
    care.settle(800e3)
    assert care.look(120e3) == (False, 16_000, True)


def test_losses_are_worth_the_second_copy_where_there_is_some_room(care: Care) -> None:
    assert care.settle(130e3)[0] is False
    assert care.settle(130e3, lost=0.1) == (True, 16_000, True)
    assert care.settle(100e3, lost=0.1)[0] is False


def test_where_a_fifth_is_lost_the_voice_goes_twice_before_the_picture_has_its_room(care: Care) -> None:
    assert care.settle(55e3, lost=0.2) == (True, 16_000, True)
    assert care.settle(40e3, lost=0.2)[0] is False, "not even both fit"


def test_more_is_given_only_after_some_looks(care: Care) -> None:
    care.look(120e3)
    looks = [care.look(800e3)[0] for _ in range(6)]
    assert looks[0] is False
    assert looks[-1] is True
    assert looks == sorted(looks)


def test_a_rate_about_a_bound_does_not_flutter(care: Care) -> None:
    seen = [care.look(rate) for rate in (265e3, 255e3) * 20]
    assert len(set(seen[2:])) == 1


def test_what_the_browser_does_not_tell_changes_nothing(care: Care) -> None:
    assert care.settle(0) == (True, 0, False)


def test_the_wanted_form_stands_first_and_nothing_else_is_touched() -> None:
    module = Module("thrift.js")
    module.run(f'var sdp = "{ANSWER}"')
    plain = module.run("m.ordered(sdp, false)")
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 126\r\n" in plain
    assert plain.replace("111 63 126", "63 111 126") == ANSWER.replace("\\r\\n", "\r\n")
    assert module.run("m.ordered(m.ordered(sdp, true), false) === m.ordered(sdp, false)")


def test_opus_prepares_for_copies_of_its_own_only_where_packets_carry_none() -> None:
    module = Module("thrift.js")
    module.run(f'var sdp = "{ANSWER}"')
    assert "a=fmtp:111 minptime=10;useinbandfec=0\r\n" in module.run("m.ordered(sdp, true)")
    assert "a=fmtp:111 minptime=10;useinbandfec=1\r\n" in module.run("m.ordered(m.ordered(sdp, true), false)")


def test_a_description_without_both_forms_stays_as_it_is() -> None:
    module = Module("thrift.js")
    module.run('var sdp = "m=audio 9 X 111\\r\\na=rtpmap:111 opus/48000/2\\r\\n"')
    assert module.run("m.ordered(sdp, true) === sdp")
