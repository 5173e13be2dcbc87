"""A borrower, their spouse and two guarantors in one call, of whom the spouse drops and comes back, to the package."""

import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from desktop.demo.people import BORROWER, OTHERS
from desktop.demo.props import voice_of
from tests.end2end.demorun import (
    Left,
    assert_voices,
    demonstration,
    pdfsig,
    pingqian,
    sha256,
    spectrum,
    trust_database,
)

pytestmark = [pytest.mark.end2end, pytest.mark.timeout(1500)]

FOUR = (BORROWER.name, *(name for name, _, _ in OTHERS[:3]))
BOTH, SPOUSE, GUARANTORS = FOUR[:2], FOUR[1:2], FOUR[2:]
PAPERS = Counter(
    [
        *(("征信查询授权书", (name,)) for name in FOUR),
        *(("个人信息与人脸信息单独同意书", (name,)) for name in FOUR),
        ("个人借款合同", BOTH),
        ("配偶共同还款承诺书", SPOUSE),
        *(("保证合同", (name,)) for name in GUARANTORS),
    ]
)
"""Title and who signs, as the product has it."""
SAME = 14.0
"""Of one person's clothes in two pictures; of two people's it is 21 and more."""


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    with demonstration(tmp_path_factory.mktemp("four") / "out", parties=4) as made:
        yield made


def bodies(left: Left, kind: str) -> list[dict[str, Any]]:
    return [event["body"] | {"at": event["at"]} for event in left.events() if event["type"] == kind]


def test_the_package_verifies_also_by_the_verifier_that_it_carries(left: Left, tmp_path: Path) -> None:
    judged = pingqian("verify", left.package, "--trust", left.folder / "root.pem")
    assert judged.returncode == 0, judged.stdout
    assert left.report["figures"]["audit_verdict"].startswith("已验证")
    with zipfile.ZipFile(left.package) as archive:
        (tmp_path / "verify.py").write_bytes(archive.read("verify.py"))
    command = [sys.executable, "-I", "verify.py", str(left.package)]
    alone = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert alone.returncode == 0, alone.stdout + alone.stderr


def test_each_paper_is_signed_by_those_who_must_and_sealed(left: Left, tmp_path: Path) -> None:
    roots, found = trust_database(left.package, tmp_path), Counter[tuple[str, tuple[str, ...]]]()
    titles = titles_of(left)
    for document in left.documents:
        told = pdfsig(document, roots)
        who = tuple(name for name in FOUR if name in told)
        assert told.count("Signature is Valid") > len(who), told
        assert subprocess.run(["qpdf", "--check", str(document)], capture_output=True).returncode == 0
        found[titles[document.stem], who] += 1
    assert found == PAPERS


def titles_of(left: Left) -> dict[str, str]:
    with zipfile.ZipFile(left.package) as archive:
        case = json.loads(archive.read("case.json"))["case"]
    return {one["document_id"]: one["title"] for one in case["documents"]}


def test_one_dropped_came_back_and_the_call_went_on(left: Left) -> None:
    (dropped,), (back,) = bodies(left, "call.dropped"), bodies(left, "call.rejoined")
    assert dropped["party_id"] == back["party_id"]
    assert dropped["call_id"] == back["call_id"]
    assert dropped["at"] < back["at"]
    joined = bodies(left, "call.joined")
    assert len({one["party_id"] for one in joined} | {one["party_id"] for one in bodies(left, "call.connected")}) == 4
    assert len(bodies(left, "party.signed")) == 4
    assert len(bodies(left, "call.ended")) == 1


def test_one_recording_holds_the_whole_call(left: Left) -> None:
    (began,), (ended,) = bodies(left, "recording.started"), bodies(left, "call.ended")
    call = (datetime.fromisoformat(ended["at"]) - datetime.fromisoformat(began["started_at"])).total_seconds()
    probed = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,duration:format=duration", "-of", "json",
         left.recording],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(probed.stdout)
    assert [stream["codec_name"] for stream in found["streams"]] == ["h264", "aac"]
    assert abs(float(found["format"]["duration"]) - call) < 10, "file time is call time"


def test_every_voice_is_in_the_recording(left: Left) -> None:
    assert_voices(left.recording, 440, *map(voice_of, range(4)))


def test_everybodys_own_voice_is_in_their_own_tracks_and_nobody_elses(left: Left, tmp_path: Path) -> None:
    parties = [one["party_id"] for one in bodies(left, "call.joined")]
    tracks = {one["file"]: one["party_id"] for one in bodies(left, "track.started")}
    assert set(tracks.values()) == set(parties_in_order(left)) >= set(parties)
    with zipfile.ZipFile(left.package) as archive:
        kept = {Path(name).stem: name for name in archive.namelist() if name.endswith(".mkv")}
        for file, name in kept.items():
            mine = voice_of(parties_in_order(left).index(tracks[file]))
            (tmp_path / "track.mkv").write_bytes(archive.read(name))
            assert loudest(tmp_path / "track.mkv") == pytest.approx(mine, abs=6), name
    assert {tracks[file] for file in kept} == set(tracks.values())


def parties_in_order(left: Left) -> list[str]:
    with zipfile.ZipFile(left.package) as archive:
        case = json.loads(archive.read("case.json"))["case"]
    return [one["party_id"] for one in case["parties"]]


def loudest(path: Path) -> float:
    """Hertz of the tone that stands out."""
    strength, hertz = spectrum(path)
    return float(hertz[np.argmax(np.where(hertz > 200, strength, 0))])


def test_every_face_is_in_the_recording_in_a_tile_of_its_own(left: Left) -> None:
    faces = [worn(first_picture(left.folder / "props" / f"face-{number}.y4m")) for number in range(1, 5)]
    assert min(apart(one, other) for one, other in combinations(faces, 2)) > SAME, "they are to be told apart at all"
    seen: set[int] = set()
    for picture in pictures(left.recording, every=2.0):
        found = {place: who for place, tile in enumerate(tiles(picture)) if (who := who_is(tile, faces)) is not None}
        if all(place == who for place, who in found.items()):  # else the tiles make room for a page, and lie elsewhere
            seen |= found.keys()
        if seen == {0, 1, 2, 3}:
            return
    raise AssertionError(f"only {seen} were recorded")


def test_every_phone_kept_its_screens_and_its_copies(left: Left) -> None:
    documents = {path.stem: sha256(path) for path in left.documents}
    for number, name in enumerate(FOUR, 1):
        folder = left.screens if number == 1 else left.screens / f"party-{number}"
        copies = {sha256(path) for path in (folder / "copies").glob("*.pdf")}
        assert copies <= set(documents.values())
        assert len(copies) == sum(count for (_, names), count in PAPERS.items() if name in names)
        shots = {re.sub(r"^phone-\d+-|\.png$", "", path.name) for path in folder.glob("phone-*.png")}
        assert {"code", "queue", "disclosure", "reading", "signing-drawn", "done"} <= shots, name
    windows = " ".join(path.name for path in left.screens.glob("window-*.png"))
    for wanted in ("joint-4", "dropped-2", "returned-2", "sealed", "audit-verdict"):
        assert wanted in windows


# --- pictures -------------------------------------------------------------------------------------------------------


def first_picture(path: Path) -> Any:
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def pictures(path: Path, every: float) -> Iterator[Any]:
    """From the recording, the last first: by then all were there."""
    with av.open(str(path)) as container:
        seconds = float(container.duration or 0) / av.time_base
        for at in np.arange(seconds - every, 0, -every):
            container.seek(int(at * av.time_base))
            frame = next(container.decode(video=0), None)
            if frame is not None:
                yield frame.to_ndarray(format="rgb24")


def tiles(picture: Any) -> list[Any]:
    """The four customers' pictures, 4 : 3, in the arrangement for five."""
    places = ((466, 66), (886, 66), (256, 393), (676, 393))
    return [picture[y : y + 258, x : x + 344] for x, y in places]


def worn(picture: Any) -> Any:
    """The colour of what they wear, by which they differ most: a and b of Lab where it is strongest."""
    lower = np.ascontiguousarray(picture[picture.shape[0] * 2 // 3 :])
    colour = cv2.cvtColor(lower, cv2.COLOR_RGB2LAB)[..., 1:].reshape(-1, 2).astype(float) - 128
    strength = np.hypot(*colour.T)
    return colour[strength >= np.quantile(strength, 0.75)].mean(axis=0)


def who_is(tile: Any, faces: list[Any]) -> int | None:
    distances = [apart(worn(tile), face) for face in faces]
    return int(np.argmin(distances)) if min(distances) < SAME else None


def apart(one: Any, other: Any) -> float:
    return float(np.hypot(*(one - other)))
