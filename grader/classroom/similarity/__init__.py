"""Which submissions share more than chance and the starter explain: pairs to look at, no verdicts.

Winnowing (Schleimer, Wilkerson, Aiken: "Winnowing: local algorithms for document fingerprinting",
SIGMOD 2003) over the tokens of the source, in which names of one's own, numbers, texts, comments,
docstrings, annotations and imports count for nothing. Every run of `GRAM + WINDOW - 1` equal tokens
is found, wherever it stands, so neither renaming nor reordering hides it. What the starter holds,
and what many of the class have, is nobody's own and is left out.

Kept libraries do this for files of any language (copydetect, JPlag, Dolos); what is here is smaller
than the glue to one of them would be, needs no other runtime, and discounts the class's idioms.
`python -m benchmarks class` has the figures on planted pairs at eight levels of disguise.

    tokens     source -> normalised tokens with their lines
    winnow     tokens -> fingerprints with their places
    pairs      submissions -> ranked pairs with the passages that they share
"""
