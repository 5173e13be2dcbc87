"""What a verification has found so far: one row an item, in the order of checking, outermost proof first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from signing.evidence.core.container import NotAPackage
from signing.evidence.core.x509 import Crypto, Lapsed, Stranger

VALID, INCOMPLETE, ALTERED, UNREADABLE = "valid", "incomplete", "altered", "unreadable"
UNTRUSTED = "untrusted"
"""All is as it was signed, but by whom the given roots do not vouch."""

InspectPdf = Callable[[bytes, datetime], tuple[bool, str]]
"""A further opinion on a PDF's signatures, as of the moment at which the package was closed: (good, in words)."""


@dataclass(frozen=True)
class Row:
    name: str
    ok: bool
    detail: str
    missing: bool = False
    noted: bool = False
    """Lacking, and the chain itself says that it is: a plain finding, neither good nor somebody's alteration."""
    stranger: bool = False
    """Nothing is wrong with it but who stands behind it."""


@dataclass
class Book:
    """Rows by item. The first bad word about an item stays; good words are added up."""

    rows: dict[str, Row] = field(default_factory=dict)
    bad_order: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    signatures: int = 0
    timestamps: int = 0
    unchecked: set[str] = field(default_factory=set)
    lapsed: set[str] = field(default_factory=set)
    renewed: str = ""
    """How often the archive's time-stamp was renewed, and until when that holds; for the headline."""
    own_roots: bool = False
    """The roots to believe were given by a person."""

    def good(self, name: str, detail: str) -> None:
        row = self.rows.get(name)
        if row is None:
            self.rows[name] = Row(name, True, detail)
        elif row.ok and detail not in row.detail:
            self.rows[name] = Row(name, True, f"{row.detail}；{detail}")

    def bad(self, name: str, detail: str, *, missing: bool = False, stranger: bool = False) -> None:
        if name not in self.rows or self.rows[name].ok or self.rows[name].noted:
            self.rows[name] = Row(name, False, detail, missing, stranger=stranger)
            self.bad_order.append(name)
        elif self.rows[name].stranger and not stranger:
            self.rows[name] = Row(name, False, f"{self.rows[name].detail}；{detail}", missing)

    def unable(self, name: str, detail: str) -> None:
        """It is there, and this machine cannot check it: not good, and nobody's alteration."""
        self.unchecked.add(name)
        self.bad(name, detail, missing=True)

    def lapse(self, name: str, detail: str) -> None:
        """Nobody's alteration either: it proved something once, and nothing took that over in time."""
        self.lapsed.add(name)
        self.bad(name, detail, missing=True)

    def note(self, name: str, detail: str) -> None:
        """A finding that does not change the verdict and is never left out of the headline."""
        if name not in self.rows:
            self.rows[name] = Row(name, False, detail, missing=True, noted=True)

    def skip(self, what: str) -> None:
        if what not in self.not_checked:
            self.not_checked.append(what)

    def is_good(self, name: str) -> bool:
        return name in self.rows and self.rows[name].ok

    @contextmanager
    def blaming(self, name: str) -> Iterator[None]:
        """Whatever goes wrong inside with the bytes of ``name`` becomes its row."""
        try:
            yield
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            own = type(error).__name__ in ("BadSignature", "Untrusted", "Stranger", "Lapsed", "Mismatch")
            if isinstance(error, Lapsed):
                self.lapse(name, str(error))
                return
            self.bad(name, str(error) if own else "内容不符合规定的格式", stranger=isinstance(error, Stranger))

    @property
    def verdict(self) -> str:
        bad = [self.rows[name] for name in self.bad_order]
        if not bad:
            return VALID
        if self.own_roots and all(row.stranger for row in bad) and not self.signatures + self.timestamps:
            return UNTRUSTED  # where one of several is genuine, the others were forged
        return INCOMPLETE if all(row.missing for row in bad) else ALTERED


class Mismatch(ValueError):
    """Raised where two things in a package contradict each other; the message is for people."""


@dataclass(frozen=True)
class Judgement:
    """What is said in the end. ``first_bad_item`` is None only where the verdict is ``valid``."""

    verdict: str
    headline: str
    first_bad_item: str | None
    rows: tuple[Row, ...]
    signatures: int
    timestamps: int
    not_checked: tuple[str, ...]


@dataclass(frozen=True)
class Means:
    """What the verifier works with. ``trust`` is PEM of roots, or None to take those in the package."""

    crypto: Crypto
    trust: bytes | None = None
    inspect_pdf: InspectPdf | None = None
    at: datetime | None = None
    """The moment to judge by; None: now."""
    record: bytes | None = None
    """The evidence record found beside the package; see ``renewal``."""


def close_book(book: Book) -> Judgement:
    first = _first_bad(book)
    unknown = f"；另有 {len(book.not_checked)} 项未核对" if book.not_checked else ""
    lost = [row.name for row in book.rows.values() if row.noted]
    found = f"，但 {len(lost)} 段录像已声明遗失" if lost else ""
    checked = len(book.rows) - len(lost)
    headlines = {
        VALID: f"已验证{found}：{checked} 项，签名 {book.signatures}，时间戳 {book.timestamps}{book.renewed}{unknown}",
        INCOMPLETE: _incomplete(first, book) if first else "",
        UNTRUSTED: f"不能追溯到您信任的根证书：{first}（{book.rows[first].detail}）；内容与其自带的签名、时间戳相符"
        if first
        else "",
        ALTERED: f"已被改动：{first}（{book.rows[first].detail}）" if first else "",
    }
    rows = tuple(book.rows.values())
    return Judgement(
        book.verdict, headlines[book.verdict], first, rows, book.signatures, book.timestamps, tuple(book.not_checked)
    )


def _incomplete(first: str, book: Book) -> str:
    if first in book.lapsed:
        return f"证明已过期：{first}（{book.rows[first].detail}）；内容与签名、时间戳相符"
    return f"没有核对完：{first}（{book.rows[first].detail}）" if first in book.unchecked else f"不完整：缺少 {first}"


def _first_bad(book: Book) -> str | None:
    """What was changed comes before what only nobody vouches for."""
    changed = [name for name in book.bad_order if not book.rows[name].stranger]
    return next(iter(changed or book.bad_order), None)


def unreadable(error: NotAPackage) -> Judgement:
    return Judgement(
        UNREADABLE, f"无法读取：{error}", "（整个文件）", (Row("（整个文件）", False, str(error)),), 0, 0, ()
    )
