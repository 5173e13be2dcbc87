"""Settings of the service, from the command line or ``PINGQIAN_…`` in the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from signing.domain.errors import InputError
from signing.service.services import Limits


@dataclass(frozen=True)
class Settings:
    """``data`` holds database, blobs and keys; ``base_url`` is where customers' links lead."""

    data: Path
    database_url: str = ""
    """Empty: the environment's, or where ``data`` was used before, at first SQLite inside it."""
    base_url: str = "http://localhost:8000"
    objects: str = ""
    """``s3://bucket/prefix`` for blobs; empty: where ``data`` has them so far, at first inside ``data``."""
    objects_file: Path | None = None
    """The object store's credentials; None: from the environment, or a file inside ``data``."""
    notify: bool = True
    """Whether services on one PostgreSQL tell each other at once that something is new, or look each second only."""
    demo: bool = False
    """Uses the stand-ins for what is outside the building, marked as such wherever their results are shown."""
    limits: Limits = field(default_factory=Limits)


def from_environment(environment: Mapping[str, str] = os.environ, *, demo: bool = False) -> Settings:
    """Reads ``PINGQIAN_DATA`` (required unless ``demo``), ``PINGQIAN_DATABASE``, ``PINGQIAN_URL``. ``InputError``."""
    data = environment.get("PINGQIAN_DATA") or ("pingqian-demo" if demo else "")
    if not data:
        raise InputError("没有指定数据目录", "请用 --data 指定，或设置环境变量 PINGQIAN_DATA")
    defaults = Settings(Path(data))
    return Settings(
        Path(data),
        environment.get("PINGQIAN_DATABASE", defaults.database_url),
        environment.get("PINGQIAN_URL", defaults.base_url),
        demo=demo,
    )
