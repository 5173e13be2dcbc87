"""Identity advice: the rules alone, and the whole adapter on rendered specimens."""
