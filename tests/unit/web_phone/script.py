"""Runs a module of the page that needs no browser: decisions only, with all times given."""

from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QCoreApplication
from PySide6.QtQml import QJSEngine, QJSValue

import signing.web

FOLDER = Path(signing.web.__file__).parent / "phone"


class Module:
    """An ES module of the page; ``run`` evaluates an expression in which its exports are called ``m``."""

    def __init__(self, name: str) -> None:
        self._application = QCoreApplication.instance() or QCoreApplication([])
        self._engine = QJSEngine()
        exports = self._engine.importModule(str(FOLDER / name))
        assert not exports.isError(), exports.toString()
        self._engine.globalObject().setProperty("m", exports)

    def run(self, script: str) -> Any:
        found = cast(QJSValue, self._engine.evaluate(script))
        assert not found.isError(), found.toString()
        return found.toVariant()
