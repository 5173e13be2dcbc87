"""A declared helper 协助人: someone at the customer's side, a village cadre or a child, identified and named.

A helper is no party: they are counted nowhere, get no link, and sign nothing. While a question is asked whose answer
must be the customer's own, they are out of the picture.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from signing.domain.errors import InputError, RuleBroken
from signing.domain.idcard import is_valid

TITLE = "协助人"
RELATIONS = ("子女", "配偶", "亲属", "村干部", "邻居")
"""What is offered; any other word will do."""
BY_TITLES = {"customer": "客户", "agent": "坐席"}
_PHONE = re.compile(r"1[3-9]\d{9}")


@dataclass(frozen=True)
class Helper:
    """``relation``: to the customer. ``declared_by``: customer or agent. ``aside_at``: out of the picture since."""

    name: str
    relation: str
    declared_by: str
    declared_at: datetime
    id_number: str = ""
    phone: str = ""
    aside_at: datetime | None = None


@dataclass(frozen=True)
class HelperDraft:
    """Who will stand at a customer's side, as it is declared with the case."""

    name: str
    relation: str
    id_number: str = ""
    phone: str = ""


def checked(helper: Helper, party_numbers: Iterable[str]) -> Helper:
    """Tidied up. ``party_numbers``: the ID numbers of the case's own parties. Raises ``InputError``, ``RuleBroken``."""
    tidy = replace(
        helper, name=helper.name.strip(), relation=helper.relation.strip(), id_number=helper.id_number.strip().upper()
    )
    if len(tidy.name) < 2:
        raise InputError("请填写协助人的姓名", "姓名至少两个字")
    if not tidy.relation:
        raise InputError("请填写协助人与客户的关系", f"例如：{'、'.join(RELATIONS)}")
    if tidy.id_number and not is_valid(tidy.id_number):
        raise InputError("协助人的身份证号不正确", "请核对后重填，也可以不填")
    if tidy.phone and not _PHONE.fullmatch(tidy.phone):
        raise InputError("协助人的手机号不正确", "请核对后重填，也可以不填")
    if tidy.id_number and tidy.id_number in party_numbers:
        raise RuleBroken("helper_is_party", "本业务的当事人不能做协助人", "请由另一位家人或村干部协助")
    return tidy


def aside(helper: Helper, now: datetime) -> Helper:
    """Out of the picture; again: since the first time."""
    return helper if helper.aside_at is not None else replace(helper, aside_at=now)


def returned(helper: Helper) -> Helper:
    return replace(helper, aside_at=None)


def require_alone(helper: Helper | None, *, alone: bool) -> None:
    """``alone``: whether the line's answer must be the customer's own. Raises ``RuleBroken``."""
    if alone and helper is not None and helper.aside_at is None:
        raise RuleBroken(
            "helper_aside", "这一条须由客户本人单独回答", "请先请协助人离开画面，再点“协助人已回避”，然后记录回答"
        )
