"""From the wire's particulars to the domain's."""

from decimal import Decimal

from signing.domain import particulars as domain
from signing.wire import particulars as wire


def particulars_of(message: wire.NewParticulars | None) -> domain.Particulars:
    if message is None:
        return domain.NOTHING_MORE
    return domain.Particulars(
        domain.BorrowerKind(message.borrower_kind),
        domain.Business(message.business.name.strip(), message.business.credit_code.upper())
        if message.business
        else None,
        domain.Industry(message.industry) if message.industry else None,
        message.first_time,
        domain.Renewal(message.renewal.contract_no.strip(), message.renewal.without_repayment)
        if message.renewal
        else None,
        _cooperation(message.cooperation),
        domain.GuaranteeKind(message.guarantee) if message.guarantee else None,
        domain.FiscalCertificate(**dict(message.certificate)) if message.certificate else None,
        _bridged(message.bridged),
        message.revolving_months,
        _cover(message.cover),
        domain.CreditInquiry(**dict(message.inquiry)) if message.inquiry else None,
    )


def _cooperation(message: wire.NewCooperation | None) -> domain.Cooperation | None:
    return None if message is None else domain.Cooperation(domain.Mode(message.mode), message.partner.strip())


def _bridged(message: wire.NewBridgedLoan | None) -> domain.BridgedLoan | None:
    if message is None:
        return None
    return domain.BridgedLoan(**{**dict(message), "outstanding": Decimal(message.outstanding)})


def _cover(message: wire.NewCover | None) -> domain.CropCover | None:
    if message is None:
        return None
    numbers = {name: Decimal(getattr(message, name)) for name in ("area_mu", "sum_insured", "premium")}
    return domain.CropCover(**{**dict(message), **numbers})
