"""doctor/probes."""
