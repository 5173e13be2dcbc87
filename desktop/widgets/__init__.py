"""The theme and the small parts that every workspace is built from."""
