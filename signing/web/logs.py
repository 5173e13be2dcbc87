"""The log: to standard error, without secrets or personal data."""

import logging
import logging.config
import re
from typing import Any

_PRIVATE = (
    (re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"), "<id number>"),
    (re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"), "<phone>"),
    (re.compile(r"(?i)(bearer\s+)\S+"), r"\1<token>"),
    (re.compile(r"(://[^\s:/@]+:)[^\s/]+(?=@)"), r"\1<password>"),
    (re.compile(r"(/s#)[A-Za-z0-9_-]+"), r"\1<link>"),
)


def masked(text: str) -> str:
    """``text`` without identity numbers, telephone numbers, tokens and personal links."""
    for pattern, instead in _PRIVATE:
        text = pattern.sub(instead, text)
    return text


class Masking(logging.Formatter):
    """The last net: what should never have been logged is masked. A traceback is cut to its type and places."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        kind, _, trace = ei
        places = []
        while trace is not None:
            places.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
            trace = trace.tb_next
        return f"{getattr(kind, '__name__', '?')} at {' < '.join(reversed(places[-8:]))}"


def configuration(level: str = "INFO") -> dict[str, Any]:
    """For ``logging.config.dictConfig`` and for uvicorn, whose own access log (it prints whole URLs) stays off."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": Masking, "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": {
            "pingqian": {"handlers": ["stderr"], "level": level, "propagate": False},
            "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }


def configure(level: str = "INFO") -> None:
    logging.config.dictConfig(configuration(level))
