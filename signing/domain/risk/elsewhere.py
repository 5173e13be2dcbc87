"""Rules about what this case has in common with others: phones, devices, guarantors, names, and how fast they come."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from signing.domain.masking import mask_phone
from signing.domain.party import Role
from signing.domain.risk.facts import Elsewhere, Facts, Subject
from signing.domain.risk.rule import Hit, Numbers, whole


def same_phone(facts: Facts, numbers: Numbers) -> Iterator[Hit]:
    """冒名贷款: one phone, other people, cases that have nobody in common."""

    def shared(one: Elsewhere) -> bool:
        return one.same_phone

    for subject, count in _strangers(facts, numbers, shared):
        words = f"手机号 {mask_phone(subject.phone)} {_days(numbers)} 天内还用于他人的 {count} 笔业务"
        told = {"phone": mask_phone(subject.phone), "cases": str(count), "days": _days(numbers)}
        yield Hit(words, subject, "请核实号码是否为本人所有", told, Decimal(count))


def same_device(facts: Facts, numbers: Numbers) -> Iterator[Hit]:
    def shared(one: Elsewhere) -> bool:
        return one.same_device

    for subject, count in _strangers(facts, numbers, shared):
        words = f"所用手机 {_days(numbers)} 天内还办理过他人的 {count} 笔业务"
        told = {"cases": str(count), "days": _days(numbers)}
        yield Hit(words, subject, "请核实是否本人操作、是否有人代办", told, Decimal(count))


def _strangers(facts: Facts, numbers: Numbers, shared: Callable[[Elsewhere], bool]) -> Iterator[tuple[Subject, int]]:
    """Each party with how many unrelated cases share something with theirs, where that is enough to be told."""
    since = facts.now - timedelta(days=whole(numbers, "days"))
    for subject in facts.subjects:
        cases = {
            one.case_id
            for one in subject.elsewhere
            if shared(one) and not one.same_number and not one.related and one.opened_at >= since
        }
        if len(cases) >= whole(numbers, "cases"):
            yield subject, len(cases)


def _days(numbers: Numbers) -> str:
    return str(whole(numbers, "days"))


def guarantor_load(facts: Facts, numbers: Numbers) -> Iterator[Hit]:
    """How many open debts one person stands for, this one included."""
    most = whole(numbers, "cases")
    for subject in facts.in_role(Role.GUARANTOR):
        others = {
            one.case_id for one in subject.elsewhere if one.same_number and one.is_open and one.role is Role.GUARANTOR
        }
        if len(others) + 1 > most:
            told = {"cases": str(len(others) + 1), "limit": str(most)}
            words = f"连同本笔已为 {len(others) + 1} 笔未办结业务担保，超过 {most} 笔"
            yield Hit(words, subject, "请换一位保证人，或由主管写明理由后放行", told, Decimal(len(others)))


def two_names(facts: Facts, _: Numbers) -> Iterator[Hit]:
    for subject in facts.subjects:
        others = {one.case_id for one in subject.elsewhere if one.same_number and one.same_name is False}
        if others:
            words = f"同一身份证号码在另外 {len(others)} 笔业务中是别的姓名"
            told, hint = {"cases": str(len(others))}, "请核对姓名；确已更名的，请主管查看证明后放行"
            yield Hit(words, subject, hint, told, Decimal(len(others)))


def velocity_person(facts: Facts, numbers: Numbers) -> Iterator[Hit]:
    for subject, count in _often(facts, numbers, lambda one: one.same_number):
        yield Hit(_fast("同一身份证号码", count, numbers), subject, "请核实是否重复申请", _told(count, numbers))


def velocity_phone(facts: Facts, numbers: Numbers) -> Iterator[Hit]:
    for subject, count in _often(facts, numbers, lambda one: one.same_phone):
        what = f"手机号 {mask_phone(subject.phone)}"
        yield Hit(_fast(what, count, numbers), subject, "请核实是否有人代办", _told(count, numbers))


def _often(facts: Facts, numbers: Numbers, shared: Callable[[Elsewhere], bool]) -> Iterator[tuple[Subject, int]]:
    """Each party with the number of cases within the window, this one included, where there are too many."""
    since = window_start(facts.now, numbers)
    for subject in facts.subjects:
        count = 1 + len({one.case_id for one in subject.elsewhere if shared(one) and one.opened_at > since})
        if count > whole(numbers, "cases"):
            yield subject, count


def velocity_branch(facts: Facts, numbers: Numbers) -> Iterator[Hit]:
    yield from _busy("本网点", facts.branch_opened + 1, numbers)


def velocity_agent(facts: Facts, numbers: Numbers) -> Iterator[Hit]:
    yield from _busy("同一经办人", facts.agent_opened + 1, numbers)


def _busy(who: str, count: int, numbers: Numbers) -> Iterator[Hit]:
    if count > whole(numbers, "cases"):
        yield Hit(_fast(who, count, numbers), hint="请核实是否批量集中办理", facts=_told(count, numbers))


def window_start(now: datetime, numbers: Numbers) -> datetime:
    """A case opened after this moment is within the window."""
    return now - timedelta(hours=whole(numbers, "hours"))


def _fast(what: str, count: int, numbers: Numbers) -> str:
    return f"{what} {whole(numbers, 'hours')} 小时内第 {count} 笔业务，超过 {whole(numbers, 'cases')} 笔"


def _told(count: int, numbers: Numbers) -> dict[str, str]:
    return {"cases": str(count), "limit": str(whole(numbers, "cases")), "hours": str(whole(numbers, "hours"))}
