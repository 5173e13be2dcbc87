"""Of the gallery of screens."""
