"""exams/checks."""
