"""Calls, pictures and recordings. No Qt, nothing of signing."""

from media import finetime

finetime.begin()
