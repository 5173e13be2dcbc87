"""RTP's wrapping counters (RFC 3550) as plain integers that only grow with the stream."""


class Unwrapper:
    """Unwraps a counter of ``bits`` bits: each value is taken as the nearest to the newest one seen."""

    def __init__(self, bits: int = 16) -> None:
        self._modulus = 1 << bits
        self._newest: int | None = None

    def unwrap(self, value: int) -> int:
        """The value without wraps; may be below the first one where packets were reordered."""
        unwrapped = self.near(value)
        self._newest = unwrapped if self._newest is None else max(self._newest, unwrapped)
        return unwrapped

    def near(self, value: int) -> int:
        """The same without taking note of it."""
        if self._newest is None:
            return value
        half = self._modulus >> 1
        distance = (value - self._newest + half) % self._modulus - half
        return self._newest + distance
