"""What the demonstration's customers show and say: a face, a voice, both sides of a specimen card."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from desktop.demo import camera_files, specimen
from desktop.demo.portrait import portrait, scene
from signing.wire.staff import NewParty

CROWD = 3
"""From so many phones on one machine, small and few pictures: each one is encoded and decoded several times."""


@dataclass(frozen=True)
class Props:
    """Of one customer. ``profile``: what their browser keeps on its disk."""

    camera: Path
    voice: Path
    cards: Path
    profile: Path


def make_props(folder: Path, people: list[NewParty], cameras: tuple[Path, ...]) -> list[Props]:
    """One for each of ``people``, each with a face and a voice of their own; ``cameras`` replace the built-in faces, in
    their order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    size, rate = ((320, 240), 8) if len(people) >= CROWD else ((640, 480), 15)
    made = []
    for number, person in enumerate(people):
        cards, voice, face = folder / f"cards-{number + 1}", folder / f"voice-{number + 1}.wav", None
        write_cards(cards, person, number)
        camera_files.write_voice_wav(voice, seconds=8, hz=660 + 110 * number)
        if number >= len(cameras):
            face = folder / f"face-{number + 1}.y4m"
            camera_files.write_camera_y4m(face, seconds=4, size=size, fps=rate, picture=scene(number))
        made.append(Props(face or cameras[number], voice, cards, folder / f"browser-{number + 1}"))
    return made


def write_cards(folder: Path, who: NewParty, look: int = 0) -> tuple[Path, Path]:
    """Photographs of both sides of a person's specimen card, with the face of that number."""
    folder.mkdir(parents=True, exist_ok=True)
    person = specimen.Person(name=who.name, number=who.id_number, address=who.address)
    front = specimen.card_front(person, Image.fromarray(portrait(look)))
    (folder / "front.jpg").write_bytes(specimen.photograph(front, seed=1))
    (folder / "back.jpg").write_bytes(specimen.photograph(specimen.card_back(person), seed=2))
    return folder / "front.jpg", folder / "back.jpg"
