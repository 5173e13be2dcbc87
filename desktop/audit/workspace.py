"""The auditor's workspace: find a session, watch it on one clock with its events, verify it, hand it on."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.bridge import Bridge
from desktop.client import Client


class AuditWorkspace(QWidget):
    said = Signal(object, str)
    expired = Signal(str)

    def __init__(self, bridge: Bridge, client: Client, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("workspace.audit")

    def stop(self) -> None:
        pass
