"""What the demonstration's customers show and say: a face, a voice, both sides of a specimen card."""

from dataclasses import dataclass
from pathlib import Path

from desktop.demo import camera_files, specimen
from signing.wire.staff import NewParty

CROWD = 3
"""From so many phones on one machine, small and few pictures: each one is encoded and decoded several times."""


@dataclass(frozen=True)
class Props:
    """Of one customer. All of them have the one face that a machine without a camera has."""

    camera: Path
    voice: Path
    cards: Path


def make_props(folder: Path, people: list[NewParty], cameras: tuple[Path, ...]) -> list[Props]:
    """One for each of ``people``; ``cameras`` replace the built-in picture, in their order."""
    folder.mkdir(parents=True, exist_ok=True)
    face = folder / "face.y4m"
    if len(cameras) < len(people):
        small = len(people) >= CROWD
        size, rate = ((320, 240), 8) if small else ((640, 480), 15)
        camera_files.write_camera_y4m(face, seconds=4, size=size, fps=rate)
    made = []
    for number, person in enumerate(people):
        cards = folder / f"cards-{number + 1}"
        write_cards(cards, person)
        voice = folder / f"voice-{number + 1}.wav"
        camera_files.write_voice_wav(voice, seconds=8, hz=660 + 110 * number)
        made.append(Props(cameras[number] if number < len(cameras) else face, voice, cards))
    return made


def write_cards(folder: Path, who: NewParty) -> tuple[Path, Path]:
    """Photographs of both sides of a person's specimen card."""
    folder.mkdir(parents=True, exist_ok=True)
    person = specimen.Person(name=who.name, number=who.id_number, address=who.address)
    (folder / "front.jpg").write_bytes(specimen.photograph(specimen.card_front(person), seed=1))
    (folder / "back.jpg").write_bytes(specimen.photograph(specimen.card_back(person), seed=2))
    return folder / "front.jpg", folder / "back.jpg"
