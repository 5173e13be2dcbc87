"""What the demonstration's customer shows and says: a face, a voice, both sides of a specimen card."""

from dataclasses import dataclass
from pathlib import Path

from desktop.demo import camera_files, specimen
from desktop.demo.service import BORROWER


@dataclass(frozen=True)
class Props:
    """What the customer shows and says: a face, a voice, both sides of a specimen card."""

    camera: Path
    voice: Path
    cards: Path


def make_props(folder: Path, camera: Path | None) -> Props:
    folder.mkdir(parents=True, exist_ok=True)
    write_cards(folder)
    picture = camera or folder / "face.y4m"
    if camera is None:
        camera_files.write_camera_y4m(picture, seconds=4)
    camera_files.write_voice_wav(folder / "voice.wav", seconds=8, hz=660)
    return Props(camera=picture, voice=folder / "voice.wav", cards=folder)


def write_cards(folder: Path) -> tuple[Path, Path]:
    """Photographs of both sides of the borrower's specimen card."""
    folder.mkdir(parents=True, exist_ok=True)
    person = specimen.Person(name=BORROWER.name, number=BORROWER.id_number, address=BORROWER.address)
    (folder / "front.jpg").write_bytes(specimen.photograph(specimen.card_front(person), seed=1))
    (folder / "back.jpg").write_bytes(specimen.photograph(specimen.card_back(person), seed=2))
    return folder / "front.jpg", folder / "back.jpg"
