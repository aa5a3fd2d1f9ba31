"""Observables: evidence in, named numbers out. Pure.

Each module owns the numbers of one kind of evidence and lists them with their meaning: `answers` of
a classifier, `text` of a language model, `pictures` of a generator, `ratios` of hand-written
gradients, `curve` of a training trace. A catalogue entry's conditions are about these names.

A number that cannot be had is absent, never a guess: a condition on an absent number is not met, so
the doctor says less where less is known. Every number that leaves is finite.
"""
