"""What single products ask about a case beside its terms; names and meanings as ``signing.domain.particulars``."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from signing.wire.base import Message

Yuan = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,2})?$")]
Words = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[str, Field(min_length=1, max_length=60)]

BorrowerKind = Literal[
    "person", "farmer", "self_employed", "family_farm", "cooperative", "small_business", "taiwan_farmer"
]
Mode = Literal[
    "unsecured",
    "bank_government",
    "bank_government_guarantee",
    "bank_government_insurance",
    "government_backed",
    "mortgage_buyback",
]
Industry = Literal["farming", "agri_manufacturing"]
GuaranteeKind = Literal["joint_and_several", "general"]


class NewBusiness(Message):
    """What the borrower runs, as in its licence."""

    name: Words
    credit_code: Annotated[str, Field(min_length=18, max_length=18)]


class NewCooperation(Message):
    """Who stands behind the loan with the lender; ``partner`` by its full name where the mode names one."""

    mode: Mode
    partner: Annotated[str, Field(max_length=200)] = ""


class NewRenewal(Message):
    """Of which contract the loan is the renewal; ``without_repayment``: its principal stays unpaid."""

    contract_no: Number
    without_repayment: bool = False


class NewCertificate(Message):
    """A certificate of fiscal support; both days are inside."""

    number: Number
    issuer: Words
    issued_on: date
    valid_until: date


class NewBridgedLoan(Message):
    """The one loan that a bridging loan repays."""

    lender: Words
    contract_no: Number
    account: Annotated[str, Field(pattern=r"^[0-9]{10,25}$")]
    """Where it is repaid."""
    outstanding: Yuan
    due: date


class NewCover(Message):
    """A crop insurance. ``area_mu`` in 亩; both days are inside."""

    insurer: Words
    crop: Words
    place: Words
    area_mu: Annotated[str, Field(pattern=r"^[0-9]{1,7}(\.[0-9]{1,2})?$")]
    sum_insured: Yuan
    premium: Yuan
    valid_from: date
    valid_until: date


class NewInquiry(Message):
    """What a stand-alone credit-inquiry authorisation is for, and its last day."""

    purpose: Words
    valid_until: date


class NewParticulars(Message):
    """Only what the product asks for; ``pingqian products ID`` says what that is."""

    borrower_kind: BorrowerKind = "person"
    business: NewBusiness | None = None
    industry: Industry | None = None
    first_time: bool = False
    renewal: NewRenewal | None = None
    cooperation: NewCooperation | None = None
    guarantee: GuaranteeKind | None = None
    certificate: NewCertificate | None = None
    bridged: NewBridgedLoan | None = None
    revolving_months: Annotated[int, Field(ge=1, le=360)] | None = None
    cover: NewCover | None = None
    inquiry: NewInquiry | None = None
