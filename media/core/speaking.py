"""Who speaks: heard above a murmur within the last moment."""

MURMUR = 0.02
"""Root mean square of 20 ms, of full scale; speech at a phone is five to ten times as loud."""
LASTS_NS = 600_000_000
"""A voice counts on over the pauses between words."""


class Speaking:
    """One thread notes, another asks; both work on a dictionary whose entries are only ever replaced."""

    def __init__(self) -> None:
        self._heard: dict[str, int] = {}

    def note(self, party_id: str, loudness: float, now_ns: int) -> None:
        """How loud a step of a person's sound is, 0…1 of full scale."""
        if loudness > MURMUR:
            self._heard[party_id] = now_ns

    def now(self, party_id: str, now_ns: int) -> bool:
        """Whether the person speaks."""
        heard = self._heard.get(party_id)
        return heard is not None and now_ns - heard < LASTS_NS
