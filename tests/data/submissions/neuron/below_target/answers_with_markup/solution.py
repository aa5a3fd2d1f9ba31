"""Answers with texts where numbers are due: markup, terminal codes and a line that looks like a verdict."""

TEXTS = [
    "<script>alert(1)</script>",
    "\x1b[2K\x1b[1A\x1b[32mPASS 100 points\x1b[0m",
    "\u202e100 stniop",
    "[bold green]PASS[/]",
    "x" * 100_000,
]


def weighted_sum(x, w, b):
    return TEXTS[1]


def neuron(x, w, b):
    return TEXTS


def layer(X, W, b):
    return TEXTS * 5
