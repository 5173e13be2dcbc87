"""One logged-in session for each token of an HSM, shared by all keys on it (OASIS PKCS #11 v2.40, 5.6).

Whoever logs in, logs in for the whole process: a second key that logged in for itself would be refused, and the first
that logged out would leave the others outside.
"""

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pkcs11
from pkcs11.exceptions import NoSuchToken, PKCS11Error, UserAlreadyLoggedIn

from signing.domain.errors import InputError


class TokenSession:
    """Opened at first use, and anew where it was lost. Whoever works with what ``get`` gives holds its ``lock``."""

    def __init__(self, module: Path, token: str, pin: str) -> None:
        self.lock = threading.RLock()
        self._module, self._token, self._pin = module, token, pin
        self._session: Any = None

    @property
    def is_open(self) -> bool:
        return self._session is not None

    def get(self) -> Any:
        """Raises ``PKCS11Error``, and ``InputError`` where the HSM answers and has no such token."""
        if self._session is None:
            token = self._find()
            try:
                self._session = token.open(user_pin=self._pin)
            except UserAlreadyLoggedIn:  # by a session of this process that was lost: it holds for this one too
                self._session = token.open()
        return self._session

    def _find(self) -> Any:
        library = pkcs11.lib(str(self._module))
        try:
            return library.get_token(token_label=self._token)
        except NoSuchToken:
            there = [token.label for token in library.get_tokens() if token.flags & pkcs11.TokenFlag.TOKEN_INITIALIZED]
            if not there:
                raise  # switched off, or not reached
            hint = f"密码机里有 {'、'.join(sorted(there))}；请改正 signing.toml 的 token"
            raise InputError(f"密码机里没有名为 {self._token} 的令牌", hint) from None

    def drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with suppress(PKCS11Error):
                session.close()


_shared: dict[tuple[str, str], tuple[str, TokenSession]] = {}
_sharing = threading.Lock()


def shared_session(module: Path, token: str, pin: str) -> TokenSession:
    """The process's one session of this token.

    Raises ``InputError`` where it was opened with another PIN: which of the two is right, nobody can tell while it is.
    """
    with _sharing:
        known, session = _shared.setdefault((str(module), token), (pin, TokenSession(module, token, pin)))
        if known != pin and session.is_open:
            raise InputError(f"令牌 {token} 的两处 PIN 不一致", "请检查 signing.toml 里各个 pin_file")
        if known != pin:  # the first was wrong, or has been changed since
            session = TokenSession(module, token, pin)
            _shared[str(module), token] = (pin, session)
        return session
