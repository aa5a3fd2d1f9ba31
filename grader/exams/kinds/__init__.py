"""exams/kinds."""
