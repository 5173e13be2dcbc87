"""Latest-frame slots: one writer, any readers, nobody waits."""

from media.ports import Picture


class LatestPicture:
    """Holds the newest picture. Assignment of a reference is atomic, so neither side needs a lock."""

    def __init__(self) -> None:
        self._picture: Picture | None = None

    def latest(self) -> Picture | None:
        """The newest picture, or None before the first."""
        return self._picture

    def put(self, picture: Picture | None) -> None:
        """Replaces what was there."""
        self._picture = picture
