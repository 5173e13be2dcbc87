"""Stand-ins for what is outside the building, run as programs of their own: marked as such, faults included."""
