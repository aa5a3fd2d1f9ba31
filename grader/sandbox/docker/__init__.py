"""sandbox/docker."""
