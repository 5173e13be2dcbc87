"""The only door to private keys and to pyHanko."""

from signing.adapters.signer.judging import judge_pdf
from signing.adapters.signer.local import LocalSigner, open_signer

__all__ = ["LocalSigner", "judge_pdf", "open_signer"]
