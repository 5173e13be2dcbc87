"""What the placeholders about a case's particulars stand for; those that it does not state are not there."""

from datetime import date

from signing.domain.case import Case
from signing.domain.money import in_digits, in_words
from signing.domain.particulars import INDUSTRY_TITLES, MODE_TITLES, BridgedLoan, CropCover, FiscalCertificate


def particular_values(case: Case) -> dict[str, str]:
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
        values["revolving_months"] = str(given.revolving_months)
    if given.inquiry:
        values |= {"inquiry_purpose": given.inquiry.purpose, "inquiry_until": _day(given.inquiry.valid_until)}
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
        "certificate_until": _day(certificate.valid_until),
    }


def _bridged(bridged: BridgedLoan) -> dict[str, str]:
    return {
        "bridged_lender": bridged.lender,
        "bridged_no": bridged.contract_no,
        "bridged_amount": in_digits(bridged.outstanding),
        "bridged_account": " ".join(bridged.account[start : start + 4] for start in range(0, len(bridged.account), 4)),
        "bridged_due": _day(bridged.due),
    }


def _cover(cover: CropCover) -> dict[str, str]:
    return {
        "cover_insurer": cover.insurer,
        "crop": cover.crop,
        "crop_place": cover.place,
        "area_mu": f"{cover.area_mu:f}",
        "cover_sum": in_digits(cover.sum_insured),
        "cover_sum_in_words": in_words(cover.sum_insured),
        "premium": in_digits(cover.premium),
        "premium_in_words": in_words(cover.premium),
        "cover_from": _day(cover.valid_from),
        "cover_until": _day(cover.valid_until),
    }


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
