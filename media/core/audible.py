"""Whose sound is mixed into what the customers hear: of who says nothing it is left out."""

from collections.abc import Mapping

QUIET = 0.001
"""Root mean square of 20 ms, of full scale (-60 dB): a twentieth of what counts as speaking."""
LASTS = 25
"""Steps of 20 ms: the end of a word fades into the room without an edge."""


class Audible:
    """For one clock's thread."""

    def __init__(self) -> None:
        self._heard: dict[str, int] = {}

    def now(self, levels: Mapping[str, float], number: int) -> frozenset[str]:
        """Who is to be heard in step ``number``, of all whose level (0…1 of full scale) is given.

        A voice is in from its first step that is louder than QUIET, so that nothing of it is cut off.
        """
        for party_id, loudness in levels.items():
            if loudness > QUIET:
                self._heard[party_id] = number
        self._heard = {party_id: at for party_id, at in self._heard.items() if number - at <= LASTS}
        return frozenset(self._heard.keys() & levels.keys())
