"""HTTP, WebSocket and the customer page."""
