"""Every screen of the agent by name; ``SCREENS`` holds them once this package is imported."""

from tests.unit.desktop.screens import calls, others
from tests.unit.desktop.screens.base import SCREENS, invited, running, script, talk, wrap_up

__all__ = ["SCREENS", "calls", "invited", "others", "running", "script", "talk", "wrap_up"]
