"""The seat's cameras, microphones and loudspeakers: found, opened, watched, replaced where one goes."""
