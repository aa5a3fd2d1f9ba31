"""tutor."""
