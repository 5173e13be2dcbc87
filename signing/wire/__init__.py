"""Messages between the service, the desktop and the phone page. Imports nothing of ours."""
