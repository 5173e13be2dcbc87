"""The evidence package: build it, verify it."""
