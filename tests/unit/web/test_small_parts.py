"""Ink, files, the page's files, consents."""

import gzip
import json
import re
from pathlib import Path

import pytest

from signing.web.bodies import DEFAULT, MIB, allowance, picture_kind
from signing.web.consents import WORDINGS, consent_text
from signing.web.files import disposition, image_kind
from signing.web.headers import page_policy
from signing.web.static import load
from signing.web.strokes import ink_of
from signing.wire.case import ConsentKind
from signing.wire.phone import StrokePoint, Strokes
from signing.wire.staff import Segment


def strokes(*points: tuple[float, float]) -> Strokes:
    return Strokes(width=300, height=400, strokes=[[StrokePoint(x=x, y=y, t=n) for n, (x, y) in enumerate(points)]])


def test_ink_is_measured_against_the_drawing_area() -> None:
    ink = ink_of(strokes((0, 0), (150, 200), (30, 40)))
    assert (ink.points, ink.extent) == (3, 0.5)
    assert json.loads(ink.json)["strokes"][0][1] == {"x": 150, "y": 200, "t": 1, "pressure": 0.5}


def test_a_dot_and_a_blank_have_no_extent() -> None:
    assert ink_of(strokes((5, 5))).extent == 0
    blank = ink_of(Strokes(width=1, height=1, strokes=[]))
    assert (blank.points, blank.extent) == (0, 0)


def test_the_bytes_of_a_signature_are_canonical() -> None:
    assert ink_of(strokes((1.0, 2.5))).json == (
        b'{"height":400,"strokes":[[{"pressure":0.5,"t":0,"x":1,"y":2.5}]],"width":300}'
    )


def test_a_chinese_name_survives_in_a_header() -> None:
    header = disposition("个人借款合同.pdf", download=True)
    assert header.isascii()
    assert header.startswith("attachment; filename*=UTF-8''%E4%B8%AA")
    assert "\n" not in disposition('a"\r\nb', download=False)


def test_pictures_are_known_by_their_first_bytes() -> None:
    assert picture_kind(b"\xff\xd8\xff\xe0rest") == "image/jpeg"
    assert picture_kind(b"\x89PNG\r\n\x1a\nrest") == "image/png"
    assert picture_kind(b"GIF89a") is None
    assert picture_kind(b"") is None
    assert image_kind(b"RIFF0000WEBPVP8 ") == "image/webp"


@pytest.mark.parametrize(
    ("method", "path", "size"),
    [
        ("PUT", "/api/recordings/rec_1/segments/3600", 8 * MIB),
        ("PUT", "/api/phone/id-card/front", 12 * MIB),
        ("POST", "/api/cases/case_1/parties/party_1/snapshot", 12 * MIB),
        ("POST", "/api/recordings/rec_1/segments/1", DEFAULT),
        ("PUT", "/api/recordings/rec_1/segments/1/2", DEFAULT),
        ("POST", "/api/staff/login", DEFAULT),
    ],
)
def test_only_uploads_may_be_large(method: str, path: str, size: int) -> None:
    assert allowance(method, path) == size


def test_a_call_of_eight_hours_can_say_its_segments() -> None:
    """One a second, each with its two digests."""
    link = Segment(
        index=28_800, offset=2**40, size=10**6, start_seconds=28_799.123456, sha256="ab" * 32, chain="cd" * 32
    )
    assert 8 * 3600 * len(link.model_dump_json() + ",") < allowance("POST", "/api/recordings/rec_1/finish")


def test_a_page_may_speak_to_its_own_host_only() -> None:
    policy = page_policy("seat.example:8443", secure=True)
    assert "connect-src 'self' wss://seat.example:8443;" in policy
    assert "unsafe" not in policy
    assert "evil" not in page_policy("evil.example; script-src *", secure=True)


def test_the_page_is_loaded_with_a_tag_for_each_content(tmp_path: Path) -> None:
    (tmp_path / "screens").mkdir()
    (tmp_path / "app.js").write_text("export {};\n" * 50)
    (tmp_path / "screens" / "code.js").write_text("1")
    (tmp_path / "notes.txt").write_text("not served")
    assets = load(tmp_path)
    assert set(assets) == {"app.js", "screens/code.js"}
    assert gzip.decompress(assets["app.js"].packed) == assets["app.js"].data
    assert assets["app.js"].etag != assets["screens/code.js"].etag


@pytest.mark.parametrize("kind", list(ConsentKind))
def test_each_consent_names_who_asks_and_has_a_digest_of_its_own_wording(kind: ConsentKind) -> None:
    ours = consent_text(kind, "龙岩示范农村信用合作联社", "0597-1234567")
    assert any("龙岩示范农村信用合作联社" in paragraph for paragraph in ours.paragraphs)
    assert not re.search(r"[{}]", "".join(ours.paragraphs))
    assert ours.sha256 == consent_text(kind, "龙岩示范农村信用合作联社", "0597-1234567").sha256
    assert ours.sha256 != consent_text(kind, "别的联社", "0597-1234567").sha256


def test_no_two_consents_are_bundled() -> None:
    assert len({wording.title for wording in WORDINGS.values()}) == len(ConsentKind)


def test_refusing_face_recognition_leads_another_way() -> None:
    assert "其他办法" in WORDINGS[ConsentKind.FACE].decline
    assert "10 年" in "".join(WORDINGS[ConsentKind.FACE].paragraphs)
