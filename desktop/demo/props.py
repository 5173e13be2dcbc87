"""What the demonstration's customers show and say: a face, a voice, both sides of a specimen card."""

from dataclasses import dataclass, replace
from functools import cache
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


ISSUED = (2016, 8, 12)


def voice_of(number: int) -> int:
    """Hertz of the tone that speaks for the person with this number: of none the double or triple of another's."""
    return 660 + 97 * number


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
        camera_files.write_voice_wav(voice, seconds=8, hz=voice_of(number))
        if number >= len(cameras):
            face = folder / f"face-{number + 1}.y4m"
            camera_files.write_camera_y4m(face, seconds=4, size=size, fps=rate, picture=scene(number))
        made.append(Props(face or cameras[number], voice, cards, folder / f"browser-{number + 1}"))
    return made


def write_cards(folder: Path, who: NewParty, look: int = 0) -> tuple[Path, Path]:
    """Photographs of both sides of a person's specimen card, with the face of that number."""
    folder.mkdir(parents=True, exist_ok=True)
    person = _person(who)
    front = specimen.card_front(person, Image.fromarray(portrait(look)))
    (folder / "front.jpg").write_bytes(specimen.photograph(front, seed=1))
    (folder / "back.jpg").write_bytes(_back(person.authority, person.valid_from, person.valid_until))
    return folder / "front.jpg", folder / "back.jpg"


def _person(who: NewParty) -> specimen.Person:
    person = specimen.Person(name=who.name, number=who.id_number, address=who.address)
    return replace(person, valid_from=_day(ISSUED), valid_until=valid_until(person.birth))


def valid_until(birth: tuple[int, int, int], issued: tuple[int, int, int] = ISSUED) -> str:
    """As printed: a card of somebody under 16 holds five years, under 26 ten, under 46 twenty (居民身份证法第五条)."""
    age = issued[0] - birth[0] - (issued[1:] < birth[1:])
    years = next((years for below, years in ((16, 5), (26, 10), (46, 20)) if age < below), 0)
    return _day((issued[0] + years, *issued[1:])) if years else "长期"


def _day(day: tuple[int, int, int]) -> str:
    return "{}.{:02}.{:02}".format(*day)


@cache
def _back(authority: str, valid_from: str, valid_until: str) -> bytes:
    """Nothing on this side is a person's own: it is drawn once for all who have the same dates."""
    back = specimen.Person(authority=authority, valid_from=valid_from, valid_until=valid_until)
    return specimen.photograph(specimen.card_back(back), seed=2)
