"""Reading cards and faces with the real models on rendered specimens."""
