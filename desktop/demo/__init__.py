"""The demonstration: specimen cards, stand-in cameras, and the journey with nobody at the keyboard."""
