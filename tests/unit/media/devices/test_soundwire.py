"""What goes between the engine and the process of its devices."""

from io import BytesIO

import numpy as np

from media.core.devices import Device, Kind
from media.core.mixing import BLOCK, silence
from media.devices.soundwire import News, Order, read_block, read_message, write_block, write_news, write_sound

MICROPHONE = Device(Kind.MICROPHONE, "pulse:m", "麦克风 “一”", "pulse:m")
LOUDSPEAKER = Device(Kind.LOUDSPEAKER, "portaudio:l", "扬声器", "portaudio:hw:0,0")


def test_an_order_survives_the_command_line() -> None:
    for order in (
        Order(MICROPHONE, LOUDSPEAKER, True, True),
        Order(None, LOUDSPEAKER, clean=True),
        Order(MICROPHONE),
        Order(),
    ):
        assert Order.read(order.text()) == order


def test_blocks_and_news_come_as_they_went() -> None:
    ramp = np.arange(BLOCK, dtype=np.int16)
    pipe = BytesIO()
    write_sound(pipe, ramp)
    write_news(pipe, News(refused=Kind.MICROPHONE, message="打不开"))
    write_sound(pipe, silence())
    pipe.seek(0)
    first, news, last = read_message(pipe), read_message(pipe), read_message(pipe)
    assert isinstance(first, np.ndarray)
    assert np.array_equal(first, ramp)
    assert news == News(refused="microphone", message="打不开")
    assert isinstance(last, np.ndarray)
    assert not last.any()
    assert read_message(pipe) is None


def test_what_is_cut_off_or_nonsense_is_an_end() -> None:
    pipe = BytesIO()
    write_sound(pipe, silence())
    whole = pipe.getvalue()
    for length in (0, 3, 6, len(whole) - 1):
        assert read_message(BytesIO(whole[:length])) is None
    assert read_message(BytesIO(b"\xff" * 64)) is None


def test_blocks_to_be_played() -> None:
    pipe = BytesIO()
    write_block(pipe, np.full(BLOCK, 7, dtype=np.int16))
    pipe.seek(0)
    block = read_block(pipe)
    assert block is not None
    assert block.tolist() == [7] * BLOCK
    assert read_block(pipe) is None
