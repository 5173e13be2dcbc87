"""The last net of what staff are shown: whatever is known of the parties is masked wherever it stands in a text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from signing.domain.masking import mask_account, mask_id_number, mask_name, mask_phone
from signing.domain.party import Party

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


def masker_of(parties: Iterable[Party], account: str = "", *, names: bool = True) -> Masker:
    """``names`` False leaves names standing, where they have to be read out to their owner."""
    pairs = dict[str, str]()
    for party in parties:
        pairs |= {party.id_number: mask_id_number(party.id_number), party.phone: mask_phone(party.phone)}
        pairs[party.id_number.lower()] = mask_id_number(party.id_number)
        if names and len(party.name) >= SHORTEST_NAME:
            pairs[party.name] = mask_name(party.name)
    pairs[account] = mask_account(account)
    return Masker(tuple(sorted(((a, b) for a, b in pairs.items() if a), key=lambda pair: -len(pair[0]))))
