"""Of the windows."""
