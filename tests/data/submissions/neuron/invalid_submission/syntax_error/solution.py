"""A colon is missing, so that Python cannot read the file."""


def weighted_sum(x, w, b)
    return (x * w).sum() + b
