"""What the windows show, as plain values: no Qt here."""
