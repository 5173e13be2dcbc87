"""Calls, pictures and recordings. No Qt, nothing of signing."""
