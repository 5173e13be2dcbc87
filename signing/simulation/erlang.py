"""Erlang C: M/M/c with one class, no abandonment. A. K. Erlang, 1917; notation as in Gross & Harris, ch. 2."""


def waiting_probability(seats: int, load: float) -> float:
    """The chance that all ``seats`` are busy. ``load`` in erlang must be below ``seats``; else ``ValueError``."""
    if not 0 < load < seats:
        raise ValueError("Erlang C needs a load above 0 and below the number of seats")
    blocking = 1.0
    for number in range(1, seats + 1):
        blocking = load * blocking / (number + load * blocking)
    return seats * blocking / (seats - load * (1 - blocking))


def mean_wait(seats: int, per_second: float, service_seconds: float) -> float:
    """Seconds, over all customers, those who do not wait included."""
    load = per_second * service_seconds
    return waiting_probability(seats, load) * service_seconds / (seats - load)
