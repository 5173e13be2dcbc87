"""From the domain's values to the wire's messages: pure, and masked unless a caller may see more."""
