"""A real coturn with the configuration that we ship."""
