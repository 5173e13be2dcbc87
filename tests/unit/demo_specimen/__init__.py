"""Specimen cards and stand-in camera files."""
