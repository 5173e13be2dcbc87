"""The rules that are shipped, in the order in which they are told, each with the defaults of its numbers."""

from decimal import Decimal

from signing.domain.risk import elsewhere, footage, lending, people
from signing.domain.risk.model import Outcome, Stage
from signing.domain.risk.rule import Number, Rule

_CREATION = (Stage.CREATION,)
_AT_HOME = (Stage.CREATION, Stage.ENTRY, Stage.DISCLOSURE)
_MONEY = (Stage.CREATION, Stage.SIGNING, Stage.SEALING)


def _count(title: str, default: int) -> Number:
    return Number("cases", title, Decimal(default))


def _days(default: int) -> Number:
    return Number("days", "多少天内", Decimal(default))


def _window(hours: int, most: int) -> tuple[Number, ...]:
    return Number("hours", "多少小时内", Decimal(hours)), _count("最多几笔", most)


def _age(default: int) -> Number:
    return Number("age", "到期时最高周岁", Decimal(default), Decimal(18))


_R = Outcome
RULES: tuple[Rule, ...] = (
    Rule("minor", "未成年人", _CREATION, _R.REFUSE, people.minor, softest=_R.REFUSE),
    Rule("roster", "整村授信名册", _CREATION, _R.REFUSE, lending.roster, softest=_R.REFER),
    Rule("roster_line", "授信额度", _CREATION, _R.REFUSE, lending.roster_line, softest=_R.REFER),
    Rule("list_membership", "名单准入", _CREATION, _R.REFUSE, lending.list_membership, softest=_R.REFER),
    Rule("lpr_cap", "LPR 利率上限", _CREATION, _R.REFUSE, lending.lpr_cap, softest=_R.REFER),
    Rule("lpr_floor", "LPR 利率下限", _CREATION, _R.REFUSE, lending.lpr_floor, softest=_R.REFER),
    Rule(
        "id_expired",
        "身份证已过期",
        (Stage.IDENTITY, Stage.SIGNING, Stage.SEALING),
        _R.REFUSE,
        people.id_expired,
        softest=_R.REFER,
    ),
    Rule("id_expires_in_term", "身份证期内到期", (Stage.IDENTITY,), _R.WARN, people.id_expires_in_term),
    Rule("two_names", "一证两名", (Stage.CREATION, Stage.IDENTITY), _R.REFER, elsewhere.two_names),
    Rule(
        "electronic_channel",
        "电子渠道限额",
        _MONEY,
        _R.REFER,
        lending.electronic_channel,
        (Number("limit", "本机构限额（元）", None, Decimal("0.01"), money=True),),
        blocks=Stage.SIGNING,
        softest=_R.REFER,
    ),
    Rule(
        "exposure",
        "借款合计",
        (Stage.CREATION, Stage.SIGNING),
        _R.REFER,
        lending.exposure,
        (Number("limit", "未办结业务合计（元）", Decimal("500000.00"), Decimal("0.01"), money=True),),
        blocks=Stage.SIGNING,
    ),
    Rule("age_at_maturity", "借款人到期年龄", _CREATION, _R.REFER, people.age_at_maturity, (_age(70),)),
    Rule("guarantor_age", "保证人到期年龄", _CREATION, _R.REFER, people.guarantor_age, (_age(70),)),
    Rule(
        "guarantor_load",
        "担保笔数",
        (Stage.CREATION, Stage.SIGNING),
        _R.REFER,
        elsewhere.guarantor_load,
        (_count("最多几笔", 3),),
    ),
    Rule("same_phone", "同一手机号", _AT_HOME, _R.REFER, elsewhere.same_phone, (_days(90), _count("几笔起", 1))),
    Rule(
        "same_device",
        "同一手机设备",
        (Stage.ENTRY, Stage.IDENTITY, Stage.DISCLOSURE),
        _R.REFER,
        elsewhere.same_device,
        (_days(90), _count("几笔起", 2)),
    ),
    Rule("velocity_person", "同一人频繁申请", _CREATION, _R.REFER, elsewhere.velocity_person, _window(24, 3)),
    Rule("velocity_phone", "同一手机号频繁申请", _CREATION, _R.REFER, elsewhere.velocity_phone, _window(24, 3)),
    Rule("velocity_branch", "网点集中办理", _CREATION, _R.WARN, elsewhere.velocity_branch, _window(1, 60)),
    Rule(
        "recording_lost",
        "录像遗失",
        (Stage.SEALING,),
        _R.ALLOW,
        footage.recording_lost,
        blocks=Stage.SEALING,
    ),
    Rule("velocity_agent", "经办人集中办理", _CREATION, _R.WARN, elsewhere.velocity_agent, _window(1, 20)),
)
BY_KEY = {rule.key: rule for rule in RULES}
