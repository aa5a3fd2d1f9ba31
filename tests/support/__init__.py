"""What tests share: makers of values and data, fakes, and nothing that is a test."""
