"""The strip over the auditor's workspace: accounts that wait for another supervisor's or auditor's confirmation."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

from desktop.board.resting import RestingDialog, banner_words
from desktop.bridge import Bridge, Trouble
from desktop.client import Client
from desktop.widgets.notice import Banner
from signing.wire.accounts import AccountConfirmed, ConfirmAccount, RefuseAccount, RestingAccount, RestingAccounts
from signing.wire.base import Tone

T = TypeVar("T")


class RestingStrip(Banner):
    """``look`` asks the service anew: nothing is pushed to an auditor. Hidden while nothing waits."""

    def __init__(self, bridge: Bridge, client: Client, complain: Callable[[Trouble], None]) -> None:
        super().__init__("audit.resting", key="F11")
        self._bridge, self._client, self._complain = bridge, client, complain
        self._resting: list[RestingAccount] = []
        self._dialog: RestingDialog | None = None
        self._stopped = False

    def look(self) -> None:
        """What fails here fails for the list beside it too, which says so."""
        self._bridge.call(self._client.get("/api/accounts/resting", RestingAccounts), self.show_resting, self._unseen)

    def _unseen(self, _: Trouble) -> None:
        """What was shown before can be decided again; the service refuses what has changed since."""
        if self._dialog is not None and not self._stopped:
            self._dialog.display(self._resting)

    def show_resting(self, found: RestingAccounts) -> None:
        if self._stopped:
            return
        self._resting = found.accounts
        if words := banner_words(found.accounts):
            self.display(Tone.CAUTION, words, "查看…", self._open)
        else:
            self.clear()
        if self._dialog is not None:
            self._dialog.display(found.accounts)

    def _open(self) -> None:
        self._dialog = RestingDialog(self._confirm, self._refuse, self.window())
        self._dialog.finished.connect(self._closed)
        self._dialog.open()
        self._dialog.display(self._resting)

    def _closed(self) -> None:
        self._dialog = None

    def _confirm(self, staff_id: str, since: datetime, then: Callable[[AccountConfirmed], None]) -> None:
        body = ConfirmAccount(since=since)
        self._send(self._client.post(f"/api/accounts/{staff_id}/confirm", body, AccountConfirmed), then)

    def _refuse(self, staff_id: str, since: datetime, reason: str) -> None:
        body = RefuseAccount(since=since, reason=reason)
        self._send(self._client.send(f"/api/accounts/{staff_id}/refuse", body), lambda _: None)

    def _send(self, asking: Coroutine[Any, Any, T], then: Callable[[T], None]) -> None:
        if self._dialog is not None:
            self._dialog.display(self._resting, busy=True)

        def done(answer: T) -> None:
            self.look()
            then(answer)

        self._bridge.call(asking, done, self._refused)

    def _refused(self, trouble: Trouble) -> None:
        if not self._stopped:
            self._complain(trouble)
            self.look()

    def stop(self) -> None:
        """Nothing that arrives afterwards is shown."""
        self._stopped = True
