"""What a customer speaks best, and a seat can."""

from enum import StrEnum


class Dialect(StrEnum):
    MANDARIN = "mandarin"
    HAKKA = "hakka"
    HOKKIEN = "hokkien"


DIALECT_TITLES = {Dialect.MANDARIN: "普通话", Dialect.HAKKA: "客家话", Dialect.HOKKIEN: "闽南话"}
