"""Photographed specimens, read by the real engine."""

import socket
import time
from typing import Any, cast

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image

from desktop.demo.specimen import Person, card_back, card_front, photograph
from media.vision.cards import BLURRED, NO_CARD, PARTIAL, TOO_DARK, CardReading, read_card
from media.vision.errors import ModelMissing
from media.vision.ocr import TextReader
from media.vision.pictures import Rgb, decode

LONG = Person(
    name="阿依古丽·买买提",
    number="110105199003072345",
    ethnicity="维吾尔",
    address="新疆维吾尔自治区喀什地区疏勒县巴仁乡6村2组118号附1号",
    authority="疏勒县公安局",
    valid_from="2019.01.02",
    valid_until="2039.01.02",
)


def shot(card: Image.Image, seed: int, **how: float) -> bytes:
    """Two megapixels: enough to read, and drawn twice as fast."""
    return photograph(card, seed, width=1600, quarter_turns=int(how.pop("quarter_turns", 0)), **how)


def texts(reading: CardReading) -> dict[str, str]:
    return {name: field.text for name, field in reading.fields.items()}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_front_is_read_whole(text_reader: TextReader, front: Image.Image, seed: int) -> None:
    picture = decode(shot(front, seed))
    began = time.perf_counter()
    reading = read_card(picture, text_reader)
    print(f"front, seed {seed}: {time.perf_counter() - began:.2f} s")
    assert (reading.side, reading.readable, reading.reason, reading.problems) == ("front", True, "", ())
    assert texts(reading) == {
        "name": "王秀兰",
        "sex": "女",
        "ethnicity": "汉",
        "birth": "1949-12-31",
        "address": "福建省上杭县茶岭镇示范村12号",
        "number": "11010519491231002X",
    }
    assert all(field.confidence > 0.5 for field in reading.fields.values())


def test_back_is_read_whole(text_reader: TextReader, back: Image.Image) -> None:
    reading = read_card(decode(shot(back, 3)), text_reader)
    assert (reading.side, reading.readable) == ("back", True)
    assert texts(reading) == {"authority": "上杭县公安局", "valid_from": "2016-08-12", "valid_until": "长期"}


def test_long_names_addresses_and_a_fixed_end(text_reader: TextReader) -> None:
    front = texts(read_card(decode(shot(card_front(LONG), 7)), text_reader))
    assert (front["name"], front["ethnicity"], front["address"]) == (LONG.name, LONG.ethnicity, LONG.address)
    back = texts(read_card(decode(shot(card_back(LONG), 8)), text_reader))
    assert (back["valid_from"], back["valid_until"]) == ("2019-01-02", "2039-01-02")


@pytest.mark.parametrize("quarter_turns", [1, 2, 3])
def test_a_turned_picture_is_set_upright(text_reader: TextReader, front: Image.Image, quarter_turns: int) -> None:
    reading = read_card(decode(shot(front, 4, quarter_turns=quarter_turns)), text_reader)
    assert reading.readable
    assert (reading.quarter_turns + quarter_turns) % 4 == 0
    assert texts(reading)["name"] == "王秀兰"
    assert texts(reading)["number"] == "11010519491231002X"


def test_a_small_card_gets_a_closer_look(text_reader: TextReader, front: Image.Image) -> None:
    near = decode(shot(front, 5))
    desk = np.full((2400, 3200, 3), 90, np.uint8)
    desk[900:1425, 1200:1900] = cv2.resize(near, (700, 525), interpolation=cv2.INTER_AREA)
    reading = read_card(desk, text_reader)
    assert reading.readable
    assert texts(reading)["number"] == "11010519491231002X"


@pytest.mark.parametrize("name", ["chelsea", "coffee"])
def test_a_picture_without_a_card(text_reader: TextReader, name: str) -> None:
    picture: Rgb = getattr(cast(Any, skimage.data), name)()
    reading = read_card(picture, text_reader)
    assert (reading.side, reading.readable, reading.reason, reading.fields) == (None, False, NO_CARD, {})


def test_the_reason_is_the_one_that_helps(text_reader: TextReader, front: Image.Image) -> None:
    assert read_card(decode(shot(front, 5, focus=14)), text_reader).reason == BLURRED
    assert read_card(decode(shot(front, 5, light=0.04)), text_reader).reason == TOO_DARK
    half = read_card(decode(shot(front, 5))[:720], text_reader)
    assert (half.readable, half.reason) == (False, PARTIAL)


def test_glare_is_said(text_reader: TextReader, front: Image.Image) -> None:
    reading = read_card(decode(shot(front, 5, light=1.25)), text_reader)
    assert reading.readable
    assert any("反光" in problem for problem in reading.problems)


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    TextReader().load()


def test_a_missing_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.vision.ocr.MODELS", {"Det": "gone.onnx"})
    with pytest.raises(ModelMissing, match=r"gone\.onnx"):
        TextReader().load()
