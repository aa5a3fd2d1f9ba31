"""Arrays in, floats out; pure."""
