"""Lines of the script that are said in the same words in every case, so that an institution may record them once."""

from collections.abc import Sequence

from signing.adapters.documents import catalogue
from signing.adapters.documents.template import PLACEHOLDER, fill
from signing.adapters.documents.values import institution_values
from signing.service.ports import Institution


def recordable(institutions: Sequence[Institution]) -> dict[str, list[str]]:
    """Each line as it is said, with the titles of its products; one that names the institution, for each of them."""
    found: dict[str, list[str]] = {}
    for text, titles in catalogue.script_lines().items():
        for said in _said(text, institutions):
            known = found.setdefault(said, [])
            known += [title for title in titles if title not in known]
    return found


def _said(text: str, institutions: Sequence[Institution]) -> list[str]:
    names = set(PLACEHOLDER.findall(text))
    if not names:
        return [text]
    values = [institution_values(one) for one in institutions]
    return [fill(text, own) for own in values if names <= own.keys()]
