"""Models are loaded once; pictures are drawn, not stored."""

import pytest
from PIL import Image

from desktop.demo.specimen import DEMO_BORROWER, card_back, card_front
from media.vision.faces import FaceReader
from media.vision.ocr import TextReader


@pytest.fixture(scope="package")
def text_reader() -> TextReader:
    return TextReader()


@pytest.fixture(scope="package")
def face_reader() -> FaceReader:
    return FaceReader()


@pytest.fixture(scope="package")
def front() -> Image.Image:
    return card_front(DEMO_BORROWER)


@pytest.fixture(scope="package")
def back() -> Image.Image:
    return card_back(DEMO_BORROWER)
