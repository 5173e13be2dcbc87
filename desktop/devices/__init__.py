"""Choosing and trying camera, microphone and loudspeaker."""
