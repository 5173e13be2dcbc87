"""What a template is made of, and what of it a case has."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from signing.adapters.documents.fields import DataField
from signing.domain.errors import InputError
from signing.domain.party import Role
from signing.domain.product import ALWAYS, CaseFacts, Condition

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
ARTICLE, CLAUSE = "article_", "clause_"
"""``{article_NAME}`` prints the number of the article with ``label = "NAME"``, as 第五条; ``{clause_NAME}`` 第5.2款."""


@dataclass(frozen=True)
class Clause:
    """One paragraph of an article, printed where ``when`` holds."""

    text: str
    when: Condition = ALWAYS
    label: str = ""


@dataclass(frozen=True)
class Part:
    """One block of a document, printed where ``when`` holds.

    ``rows`` of a table are (label, text); ``clauses`` are an article's paragraphs, numbered as they are printed. The
    rows of a ``collateral`` are repeated for each lot, its own placeholders filled. An ``interview`` prints the
    product's script for the one who signs.
    """

    type: str
    title: str = ""
    text: str = ""
    clauses: tuple[Clause, ...] = ()
    label: str = ""
    when: Condition = ALWAYS
    rows: tuple[tuple[str, ...], ...] = ()
    signers: tuple[Role, ...] = ()
    signer_label: str = ""
    labels: tuple[tuple[Role, str], ...] = ()
    """What those of single roles sign as, where it is not ``signer_label``."""
    seal_label: str = ""

    def texts(self) -> Iterator[str]:
        yield from (self.title, self.text, self.signer_label, self.seal_label)
        yield from (label for _, label in self.labels)
        yield from (clause.text for clause in self.clauses)
        for row in self.rows:
            yield from row


@dataclass(frozen=True)
class Template:
    """``code`` is the suffix of the document's number; ``basis`` the law it rests on; ``data`` what it may print."""

    template_id: str
    title: str
    version: str
    effective: date
    code: str
    basis: tuple[str, ...]
    parts: tuple[Part, ...]
    data: Mapping[str, DataField]
    each_signer: bool = False
    """A paper of its own for each person who signs it."""

    def texts(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.texts()

    def placeholders(self) -> set[str]:
        return {name for text in self.texts() for name in PLACEHOLDER.findall(text)}

    def for_case(self, facts: CaseFacts) -> tuple[Part, ...]:
        """The parts that this case has, each article with the clauses that it has; empty articles are left out."""
        kept = (
            replace(part, clauses=tuple(clause for clause in part.clauses if clause.when.holds(facts)))
            for part in self.parts
            if part.when.holds(facts)
        )
        return tuple(part for part in kept if part.type != "article" or part.clauses)

    @property
    def signers(self) -> tuple[Role, ...]:
        return tuple(role for part in self.parts for role in part.signers)


def fill(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its placeholders replaced. Raises ``InputError`` for one without a value."""

    def value(match: re.Match[str]) -> str:
        try:
            return values[match[1]]
        except KeyError:
            raise InputError(f"模板中的占位符 {{{match[1]}}} 没有对应的内容", "请联系法务维护模板") from None

    return PLACEHOLDER.sub(value, text)
