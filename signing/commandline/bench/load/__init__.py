"""What loads a real service for a measurement: the process, the people in its database, and their connections."""
