"""Endpoints by subject. Each is thin: a message of the wire becomes a command, what comes back becomes a view."""
