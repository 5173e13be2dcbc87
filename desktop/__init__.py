"""The window of agent and auditor. Talks to the service through signing.wire only."""
