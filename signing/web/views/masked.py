"""The last net of what staff are shown: whatever is known of the parties is masked wherever it stands in a text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from signing.domain.case import Case
from signing.domain.masking import mask_account, mask_id_number, mask_name, mask_phone

SHORTEST_NAME = 2


@dataclass(frozen=True)
class Masker:
    """``pairs``: plain → masked, the longest first."""

    pairs: tuple[tuple[str, str], ...]

    def text(self, text: str) -> str:
        for plain, masked in self.pairs:
            text = text.replace(plain, masked)
        return text

    def value(self, value: object) -> object:
        """Texts anywhere inside mappings and lists."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.value(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(inner) for inner in value]
        return value


NOTHING = Masker(())


def masker_of(case: Case, *, names: bool = True) -> Masker:
    """Of all whose data the case has: its parties of now and before, as they were before they were put right, and
    their helpers. ``names`` False leaves names standing, where they have to be read out to their owner.
    """
    account = case.terms.account if case.terms else ""
    pairs = {account: mask_account(account)}
    for name, number, phone in _people(case):
        pairs |= {number: mask_id_number(number), number.lower(): mask_id_number(number), phone: mask_phone(phone)}
        if names and len(name) >= SHORTEST_NAME:
            pairs[name] = mask_name(name)
    return Masker(tuple(sorted(((a, b) for a, b in pairs.items() if a), key=lambda pair: -len(pair[0]))))


def _people(case: Case) -> Iterator[tuple[str, str, str]]:
    """Name, number and phone; a helper's may be empty."""
    for party in (*case.everybody, *case.put_right):
        yield party.name, party.id_number, party.phone
        if party.helper is not None:
            yield party.helper.name, party.helper.id_number, party.helper.phone
