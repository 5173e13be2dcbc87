"""Sound devices for every test of this folder."""

from tests.unit.media.devices.alsa import desk

__all__ = ["desk"]
