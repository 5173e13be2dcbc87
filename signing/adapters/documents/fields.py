"""The data that papers are made of: every field a template may use, its type, and how a blank is struck through."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

STRUCK = "~~　　／　　~~"
"""A blank that nothing goes into: printed underlined and struck through, so that nobody can fill it later."""

IN_WORDS, SHORT = "_in_words", "_short"
"""An amount of money is one value that is printed in three ways: digits, 大写, and as it is spoken."""


class FieldType(StrEnum):
    TEXT = "text"
    MONEY = "money"
    DATE = "date"
    RATE = "rate"
    COUNT = "count"
    NUMBER = "number"


TYPE_TITLES = {
    FieldType.TEXT: "文字",
    FieldType.MONEY: "金额",
    FieldType.DATE: "日期",
    FieldType.RATE: "利率、比例",
    FieldType.COUNT: "整数",
    FieldType.NUMBER: "数",
}
_SHAPES = {
    FieldType.TEXT: re.compile(r".*\S.*", re.DOTALL),
    FieldType.MONEY: re.compile(r"[0-9]{1,3}(,[0-9]{3})*\.[0-9]{2}"),
    FieldType.DATE: re.compile(r"[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日"),
    FieldType.RATE: re.compile(r"-?[0-9]+\.[0-9]{2,}"),
    FieldType.COUNT: re.compile(r"[0-9]+"),
    FieldType.NUMBER: re.compile(r"[0-9]+(\.[0-9]+)?"),
}


@dataclass(frozen=True)
class DataField:
    """A line of a template's ``[data]``. An ``optional`` one without a value is struck through on paper."""

    type: FieldType
    optional: bool = False


def fits(kind: FieldType, value: str) -> bool:
    """Whether ``value``, as it is printed, is what ``kind`` promises."""
    return _SHAPES[kind].fullmatch(value) is not None


def base_of(placeholder: str, data: Mapping[str, DataField]) -> str:
    """``amount_in_words`` → ``amount`` where that is money; other names stand for themselves."""
    for ending in (IN_WORDS, SHORT):
        name = placeholder.removesuffix(ending)
        if name != placeholder and name in data and data[name].type is FieldType.MONEY:
            return name
    return placeholder


def _all(kind: FieldType, names: str) -> dict[str, FieldType]:
    return dict.fromkeys(names.split(), kind)


FIELDS: Mapping[str, FieldType] = {
    # The paper and the institution.
    **_all(FieldType.TEXT, "case_no contract_no lookup_code product dealing institution institution_address helpline"),
    **_all(FieldType.TEXT, "representative credit_code loan_no guarantee_no pledge_no mortgage_no loan_title"),
    **_all(FieldType.DATE, "sign_date"),
    # The one a paper is addressed to.
    **_all(FieldType.TEXT, "name role id_number phone address ordinal share email messenger receiver receiver_phone"),
    **_all(FieldType.MONEY, "guaranteed_amount"),
    # Everybody by role.
    **_all(FieldType.TEXT, "borrowers co_borrowers guarantors pledgors mortgagors principals attorneys custodians"),
    **_all(FieldType.TEXT, "borrowers_with_numbers co_borrowers_with_numbers guarantors_with_numbers"),
    **_all(FieldType.TEXT, "pledgors_with_numbers mortgagors_with_numbers principals_with_numbers"),
    **_all(FieldType.TEXT, "attorneys_with_numbers custodians_with_numbers guarantee_kind"),
    **_all(FieldType.TEXT, "guarantors_count"),
    # The loan.
    **_all(FieldType.MONEY, "amount first_amount last_amount interest_total repayment_total"),
    **_all(FieldType.RATE, "rate monthly_rate penalty_rate misuse_rate ratio"),
    **_all(FieldType.COUNT, "term_months line_months due_day instalments year_days"),
    **_all(FieldType.DATE, "start_date end_date first_due line_until"),
    **_all(FieldType.TEXT, "method repayment_speech interest_rule purpose account"),
    # What is mortgaged or pledged: the whole, and each lot.
    **_all(FieldType.MONEY, "mortgage_value pledge_value item_value sum_insured"),
    **_all(FieldType.TEXT, "mortgage_things mortgage_owner mortgage_owner_with_number"),
    **_all(FieldType.TEXT, "pledge_things pledge_owner pledge_owner_with_number"),
    **_all(FieldType.TEXT, "item_name item_quantity item_marks item_condition item_place"),
    **_all(FieldType.TEXT, "item_subject item_certificate item_register insurer policy_no beneficiary"),
    **_all(FieldType.DATE, "item_until insured_until"),
    # A power of attorney; a stand-alone authorisation.
    **_all(FieldType.TEXT, "matter scope delegation inquiry_purpose"),
    **_all(FieldType.DATE, "valid_from valid_until inquiry_until"),
    # What single products ask for beside the terms.
    **_all(FieldType.TEXT, "business business_code industry mode partner renewed_no register_nos"),
    **_all(FieldType.TEXT, "certificate_no certificate_issuer bridged_lender bridged_no bridged_account"),
    **_all(FieldType.DATE, "certificate_until bridged_due"),
    **_all(FieldType.MONEY, "bridged_amount"),
    # A crop insurance.
    **_all(FieldType.TEXT, "cover_insurer cover_crop cover_place"),
    **_all(FieldType.MONEY, "cover_sum cover_per_mu cover_premium"),
    **_all(FieldType.NUMBER, "cover_area"),
    **_all(FieldType.DATE, "cover_from cover_until"),
}
"""Every field the engine can fill, by name."""
