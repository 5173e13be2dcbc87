"""Specimens through the service's own door."""
