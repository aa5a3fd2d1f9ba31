"""exams/function_cases."""
