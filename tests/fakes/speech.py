"""A synthesiser that counts."""

from dataclasses import dataclass, field

from signing.domain.errors import OutsideError


@dataclass
class Counted:
    """Says how often it was asked to speak. ``able`` False: it fails."""

    able: bool = True
    asked: list[str] = field(default_factory=list)

    def available(self) -> bool:
        return self.able

    def speak(self, text: str) -> bytes:
        if not self.able:
            raise OutsideError("朗读没有准备好", "")
        self.asked.append(text)
        return b"ID3" + text.encode()
