"""What is shown in place of its mask, and until when. Pure: the time is an argument, in seconds of one clock."""

from dataclasses import dataclass, field, replace

from signing.wire.case import PartyView, Personal, Reveal

SECONDS = 30.0
"""How long a value is shown before its mask comes back."""

TITLES = {
    Personal.NAME: "姓名",
    Personal.ID_NUMBER: "证件号",
    Personal.PHONE: "手机号",
    Personal.ADDRESS: "住址",
}


@dataclass(frozen=True)
class Subject:
    """Whose masked values are shown now; another mask is another subject."""

    case_id: str
    party_id: str
    label: str
    """As 保证人 李*梅."""
    masks: tuple[tuple[Personal, str], ...]

    def mask(self, what: Personal) -> str:
        return dict(self.masks).get(what, "")


@dataclass(frozen=True)
class Place:
    """One value of one party of one case."""

    case_id: str
    party_id: str
    what: Personal

    @property
    def tail(self) -> str:
        """Of the path below the case's own, where the value is asked for."""
        return f"parties/{self.party_id}/reveal"

    def message(self, reason: str = "") -> Reveal:
        return Reveal(what=self.what, reason=reason)


@dataclass(frozen=True)
class Shown:
    """A value without its mask, until ``until``."""

    value: str = field(repr=False)
    until: float


@dataclass(frozen=True)
class Looks:
    """The values of one subject that stand unmasked. Turning to another subject forgets them all."""

    subject: Subject | None = None
    values: tuple[tuple[Personal, Shown], ...] = ()

    def shown(self, what: Personal) -> Shown | None:
        return dict(self.values).get(what)

    def text(self, what: Personal) -> str:
        """The value where it is shown, else the mask."""
        shown = self.shown(what)
        return shown.value if shown else self.subject.mask(what) if self.subject else ""

    def place(self, what: Personal) -> Place | None:
        return Place(self.subject.case_id, self.subject.party_id, what) if self.subject else None


def subject(case_id: str, party: PartyView) -> Subject:
    masks = ((Personal.ID_NUMBER, party.id_number_masked), (Personal.PHONE, party.phone_masked))
    return Subject(case_id, party.party_id, f"{party.role_title} {party.name_masked}", masks)


def turn(looks: Looks, to: Subject | None) -> Looks:
    return looks if looks.subject == to else Looks(to)


def reveal(looks: Looks, place: Place, value: str, now: float, seconds: float = SECONDS) -> Looks:
    """An answer about somebody who is not looked at any more is dropped."""
    if looks.place(place.what) != place:
        return looks
    others = hide(looks, place.what).values
    return replace(looks, values=(*others, (place.what, Shown(value, now + seconds))))


def hide(looks: Looks, what: Personal) -> Looks:
    return replace(looks, values=tuple(one for one in looks.values if one[0] is not what))


def passed(looks: Looks, now: float) -> Looks:
    """Without what has been shown long enough."""
    return replace(looks, values=tuple(one for one in looks.values if one[1].until > now))


def wait(looks: Looks, now: float) -> float | None:
    """Seconds until the next mask comes back; None with nothing shown."""
    return min((max(0.0, shown.until - now) for _, shown in looks.values), default=None)


def title(looks: Looks, what: Personal) -> str:
    """As 借款人 王*国的证件号."""
    return f"{looks.subject.label}的{TITLES[what]}" if looks.subject else TITLES[what]
