"""Pure rules: standard library only; time, identity and randomness are arguments."""
