"""What the placeholders about a case's particulars stand for; those that it does not state are not there."""

from datetime import date
from decimal import Decimal

from signing.adapters.documents.fields import IN_WORDS
from signing.adapters.documents.wording import chinese_date, grouped
from signing.domain.case import Case
from signing.domain.money import in_digits, in_words, to_fen
from signing.domain.particulars import INDUSTRY_TITLES, MODE_TITLES, BridgedLoan, CropCover, FiscalCertificate
from signing.domain.schedule import add_months


def particular_values(case: Case, start: date) -> dict[str, str]:
    """``start``: the day from which the papers reckon."""
    given = case.particulars
    values: dict[str, str] = {}
    if given.business:
        values |= {"business": given.business.name, "business_code": given.business.credit_code}
    if given.industry:
        values["industry"] = INDUSTRY_TITLES[given.industry]
    if given.cooperation:
        partner = given.cooperation.partner or "无"
        values |= {"mode": MODE_TITLES[given.cooperation.mode], "partner": partner}
    if given.renewal:
        values["renewed_no"] = given.renewal.contract_no
    if given.revolving_months:
        until = add_months(start, given.revolving_months)
        values |= {"line_months": str(given.revolving_months), "line_until": chinese_date(until)}
    if given.inquiry:
        values |= {"inquiry_purpose": given.inquiry.purpose, "inquiry_until": chinese_date(given.inquiry.valid_until)}
    values |= _certificate(given.certificate) if given.certificate else {}
    values |= _bridged(given.bridged) if given.bridged else {}
    values |= _cover(given.cover) if given.cover else {}
    if numbers := [item.register_no for item in case.collateral if item.register_no]:
        values["register_nos"] = "、".join(numbers)
    return values


def _certificate(certificate: FiscalCertificate) -> dict[str, str]:
    return {
        "certificate_no": certificate.number,
        "certificate_issuer": certificate.issuer,
        "certificate_until": chinese_date(certificate.valid_until),
    }


def _bridged(bridged: BridgedLoan) -> dict[str, str]:
    return {
        "bridged_lender": bridged.lender,
        "bridged_no": bridged.contract_no,
        **_money("bridged_amount", bridged.outstanding),
        "bridged_account": grouped(bridged.account),
        "bridged_due": chinese_date(bridged.due),
    }


def _cover(cover: CropCover) -> dict[str, str]:
    return {
        "cover_insurer": cover.insurer,
        "cover_crop": cover.crop,
        "cover_place": cover.place,
        "cover_area": f"{cover.area_mu:f}",
        **_money("cover_sum", cover.sum_insured),
        **_money("cover_per_mu", to_fen(cover.sum_insured / cover.area_mu)),
        **_money("cover_premium", cover.premium),
        "cover_from": chinese_date(cover.valid_from),
        "cover_until": chinese_date(cover.valid_until),
    }


def _money(name: str, amount: Decimal) -> dict[str, str]:
    return {name: in_digits(amount), name + IN_WORDS: in_words(amount)}
