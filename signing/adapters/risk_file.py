"""The TOML of an institution's risk rules, checked as a whole."""

import tomllib
from functools import lru_cache

from signing.adapters.documents.faults import located
from signing.domain.errors import InputError
from signing.domain.risk.settings import Settings, settings_of


@lru_cache(maxsize=256)
def read_settings(name: str, text: str) -> Settings:
    """Raises ``InputError`` with every fault: ``FILE 有误：第 2 行 same_phone.days：须为整数``."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name}有误：不是正确的 TOML：{error}", "请改正后重试") from error
    settings, faults = settings_of(table)
    if faults:
        said = "；".join(located(location, text, words) for location, words in faults)
        raise InputError(f"{name}有误：{said}", "请改正后重试，可用 pingqian risk show 查看全部规则和数值")
    return settings
