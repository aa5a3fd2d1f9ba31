"""doctor/observables."""
