"""What the service can be asked to do: commands, their handlers, and the ports they need."""
