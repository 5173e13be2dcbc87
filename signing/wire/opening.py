"""Opening a case at the seat: what each product asks for, what is wrong with a draft, whom we know, what it makes."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Base64Bytes, Field, JsonValue

from signing.wire.base import Identifier, Message, Tone
from signing.wire.case import Role, Stated


class FieldKind(StrEnum):
    """How a field is written."""

    TEXT = "text"
    LONG = "long"
    MONEY = "money"
    RATE = "rate"
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"
    CHOICE = "choice"
    FLAG = "flag"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    ACCOUNT = "account"
    CREDIT_CODE = "credit_code"


class FieldOption(Message):
    """One of the values that a field may have."""

    value: str
    title: str


class FormField(Message):
    """A field of ``NewCase``. ``key``: its place below its group, with dots; a part of which nothing is filled in is
    left out as a whole, and ``required`` holds only where something of it is."""

    key: str
    title: str
    kind: FieldKind
    required: bool = True
    hint: str = ""
    unit: str = ""
    longest: int | None = None
    pattern: str = ""
    options: list[FieldOption] = []
    when_key: str = ""
    """Asked only where this field has one of ``when_values``: a neighbour, or with ``/`` before it a whole path."""
    when_values: list[str] = []


class FormGroup(Message):
    """Fields that belong together. ``key``: where they stand in ``NewCase``, empty for its own.

    ``many``: a list, each entry with these fields. ``required``: at least one thing of it must be there.
    """

    key: str
    title: str
    fields: list[FormField]
    required: bool = True
    many: bool = False
    hint: str = ""


class RoleForm(Message):
    """How many people the product needs and admits in a role. ``owns``: only with this kind of collateral."""

    role: Role
    title: str
    least: int = Field(ge=0)
    most: int = Field(ge=0)


class ProductForm(Message):
    """A product with its limits in words, and the form that opens a case of it."""

    product_id: Identifier
    title: str
    version: str
    limits: list[Stated]
    roles: list[RoleForm]
    person: FormGroup
    """Of each party; ``key`` is ``parties``."""
    groups: list[FormGroup]
    refused: str = ""
    """Why this institution cannot open one, in Chinese; empty where it can."""


class LprView(Message):
    """The loan prime rate in force today, percent as decimal strings. Nothing is priced by one not ``confirmed``."""

    day: date
    one_year: str
    five_year: str
    confirmed: bool = True


class OpeningCatalogue(Message):
    """GET /api/opening/catalogue. ``parties_most``: people of one case."""

    institution: str
    today: date
    lpr: LprView | None = None
    products: list[ProductForm]
    parties_most: int


Body = Annotated[dict[str, JsonValue], Field(max_length=40)]


class DraftCase(Message):
    """POST /api/opening/check → ``DraftChecked``, /api/opening/preview → ``DraftPapers``: a ``NewCase`` as far as it is
    typed. Nothing is opened and nothing of it is kept."""

    draft: Body


class DraftProblem(Message):
    """``path`` as in ``NewCase``: ``parties.0.id_number``; empty for the case as a whole.

    ``stop``: it would be refused; ``caution``: it can be opened, and is shown to whoever decides; ``notice``: still to
    be filled in.
    """

    path: str
    tone: Tone
    text: str
    hint: str = ""
    rule: str = ""


class DraftNote(Message):
    """What is worth knowing beside a field: capital numerals, the line of the roster, the last day."""

    path: str
    text: str


class DraftChecked(Message):
    """``ready``: nothing known stands against opening it as it is."""

    problems: list[DraftProblem]
    notes: list[DraftNote]
    ready: bool


class DraftPaper(Message):
    """A paper as it would be made, marked 预览. ``signers`` in words."""

    kind: str
    title: str
    pages: int
    signers: list[str]
    pdf: Base64Bytes


class PlanRow(Message):
    """An instalment; amounts as people read them."""

    number: int
    due: date
    principal: str
    interest: str
    total: str
    balance: str


class DraftPapers(Message):
    """Every paper in signing order, and the repayment plan as if the money came today."""

    papers: list[DraftPaper]
    plan: list[PlanRow]
    plan_total: str = ""
    """Principal, interest and both in words; empty where nothing is lent."""


Name = Annotated[str, Field(min_length=1, max_length=60)]


class FindHouseholds(Message):
    """POST /api/opening/roster → ``HouseholdsFound``: by a whole identity number, or by at least two characters of a
    name. The search is on record."""

    text: Annotated[str, Field(min_length=2, max_length=60)]


class HouseholdRow(Message):
    """A household of the roster, masked. ``ref`` asks for the rest."""

    ref: Identifier
    name_masked: str
    id_number_masked: str
    village: str
    line: str
    valid_until: AwareDatetime
    expired: bool


class HouseholdsFound(Message):
    """``more``: there are others; a longer name finds fewer."""

    rows: list[HouseholdRow]
    more: bool = False


class KnowPerson(Message):
    """POST /api/opening/person → ``KnownPerson``: by a roster row's ``ref`` or a whole identity number. On record."""

    ref: Annotated[str, Field(pattern=r"^[0-9a-f]{0,64}$")] = ""
    id_number: Annotated[str, Field(pattern=r"^([0-9]{17}[0-9Xx])?$")] = ""


class KnownPerson(Message):
    """What the institution knows of a person; empty where it does not. ``told`` says from where."""

    name: str
    id_number: str
    phone: str = ""
    address: str = ""
    dialect: str = ""
    told: str


class DraftKey(Message):
    """GET /api/opening/draft-key: under which this member of staff keeps drafts on the seat; 32 bytes in hexadecimal.
    Never written down on the seat."""

    key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", repr=False)]


class SendLink(Message):
    """POST /api/cases/{case_id}/parties/{party_id}/link/send → ``LinkState``: the link that the caller was told."""

    capability: Annotated[str, Field(min_length=16, max_length=128, pattern=r"^[A-Za-z0-9_-]+$", repr=False)]


class LinkStep(StrEnum):
    """How far an invitation has come."""

    MADE = "made"
    SENT = "sent"
    OPENED = "opened"
    ENTERED = "entered"
    OVER = "over"


class LinkState(Message):
    """How an invitation stands. ``words`` in Chinese, with the time."""

    party_id: Identifier
    label: str
    phone_masked: str
    step: LinkStep
    words: str
    expires_at: AwareDatetime | None = None
    stand_in: bool = False
    """Text messages are shown on a page of the demonstration and not really sent."""


class LinkStates(Message):
    """GET /api/cases/{case_id}/links"""

    links: list[LinkState]
