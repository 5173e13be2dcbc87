"""From what an agent typed to a change of terms: only what differs from the case is sent. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from signing.wire.case import CaseView, Role
from signing.wire.lifecycle import ChangeTerms, CorrectParty
from signing.wire.staff import NewParty

METHODS = {
    "equal_instalment": "等额本息",
    "equal_principal": "等额本金",
    "interest_first": "先息后本",
    "bullet": "到期一次还本付息",
}
ROLES = {
    Role.BORROWER: "借款人",
    Role.CO_BORROWER: "共同借款人",
    Role.GUARANTOR: "保证人",
    Role.PLEDGOR: "出质人",
    Role.MORTGAGOR: "抵押人",
    Role.PRINCIPAL: "委托人",
    Role.ATTORNEY: "受托人",
    Role.CUSTODIAN: "第三方监管人",
    Role.POLICYHOLDER: "投保人",
    Role.AUTHORISER: "授权人",
}
FIELDS = {
    "amount": "金额（元）",
    "annual_rate_percent": "年利率（%）",
    "term_months": "期限（月）",
    "repayment_method": "还款方式",
    "purpose": "用途",
    "account": "收款账号",
    "name": "姓名",
    "id_number": "身份证号",
    "phone": "手机号",
    "address": "地址",
    "share_percent": "保证份额（%）",
    "role": "角色",
    "reason": "变更的原因",
}


class NotRight(ValueError):
    """Raised for what cannot be sent so; the message names the field for people."""


@dataclass(frozen=True)
class Typed:
    """Texts as they stand in the form; an empty one leaves things as they are."""

    reason: str
    terms: Mapping[str, str] = field(default_factory=dict)
    corrected: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    added: Sequence[Mapping[str, str]] = ()
    removed: Sequence[str] = ()


def present(case: CaseView) -> dict[str, str]:
    """What the form shows at first. The account is masked, so it is not among them."""
    return {
        "amount": case.amount,
        "annual_rate_percent": case.annual_rate_percent,
        "term_months": "" if case.term_months is None else str(case.term_months),
        "repayment_method": case.repayment_method,
        "purpose": case.purpose,
    }


def change(case: CaseView, typed: Typed) -> ChangeTerms:
    """Raises ``NotRight``, also where nothing is changed at all."""
    before = present(case)
    terms = {key: text.strip() for key, text in typed.terms.items() if text.strip() not in ("", before.get(key))}
    people = {key: _filled(one) for key, one in typed.corrected.items() if key not in typed.removed}
    corrected = {key: one for key, one in people.items() if one}
    if not (terms or corrected or typed.added or typed.removed):
        raise NotRight("没有任何变更")
    try:
        return ChangeTerms.model_validate(
            {
                "reason": typed.reason.strip(),
                **terms,
                "corrected": [CorrectParty.model_validate({"party_id": key, **one}) for key, one in corrected.items()],
                "added": [NewParty.model_validate(_filled(one)) for one in typed.added],
                "removed": list(typed.removed),
            }
        )
    except ValidationError as error:
        raise NotRight(_in_words(error)) from None


def _filled(texts: Mapping[str, str]) -> dict[str, str]:
    return {key: text.strip() for key, text in texts.items() if text.strip()}


def _in_words(error: ValidationError) -> str:
    names = [str(part) for problem in error.errors() for part in problem["loc"] if str(part) in FIELDS]
    wrong = "、".join(dict.fromkeys(FIELDS[name] for name in names))
    return f"请核对：{wrong}" if wrong else "填写的内容不正确"
