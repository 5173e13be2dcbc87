"""The demonstration: the whole house on one machine, with somebody at the keyboard or with nobody."""
