"""Names -> arrays. One small module a dataset, found by name; each fetches once, checks, and has a
stand-in.
"""
