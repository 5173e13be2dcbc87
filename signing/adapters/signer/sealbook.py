"""The ``SealBook`` port: registered seals drawn for the screen, and what the papers they may go on are called."""

from signing.adapters.documents import templates
from signing.adapters.signer.sealpicture import picture
from signing.domain.errors import SigningError
from signing.domain.seals import RegisteredSeal
from signing.service.ports import Institution


class DrawnSeals:
    """``SealBook``"""

    def picture(self, institution: Institution, seal: RegisteredSeal) -> bytes:
        return picture(institution, seal)

    def title_of(self, kind: str) -> str:
        try:
            return templates.load(kind).title
        except SigningError:
            return kind
