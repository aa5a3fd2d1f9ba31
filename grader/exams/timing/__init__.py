"""exams/timing."""
