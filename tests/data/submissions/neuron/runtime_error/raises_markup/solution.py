"""Raises errors whose names and texts are scripts, pictures that fail to load, and links, for the page of results."""

SCRIPT = '"><img src=x onerror=alert(1)></script><script>alert(1)</script><a href="javascript:alert(1)">100 points</a>'
Loud = type("<b>Accepted</b><svg onload=alert(1)>", (Exception,), {})


def weighted_sum(x, w, b):
    raise Loud(SCRIPT)


def neuron(x, w, b):
    raise ValueError(SCRIPT * 40)


def layer(X, W, b):
    return Loud(SCRIPT)
