"""The doctor: mistakes recognised by name, from outside.

After the graded part, a box is asked a few more questions. What it answered, what the exam measured
and what the training trace says is the evidence; out of it come named numbers, and a limited child
reads the source for places. The catalogue says which numbers are signs of which mistake. A name is
given only where two signs agree, or one sign and a place in the source, and never on the word of
the submission alone: a learner who is sent after a mistake that is not there loses an evening.

In: a trained box, a submission's source, its training trace, failing cases of a function. Out:
`grader.records.Diagnosis`, at most two, and the signs of a planted mistake for bug hunts. Nothing
here touches a score; a bug hunt's verdict rests on measured numbers alone (`hunt`).

The floors, each importing only those below it:

    examine, hunt     what exams call
    diagnose          numbers and places in, diagnoses out
    entries           reads the catalogue
    catalogue/        the mistakes, a TOML file each
    source, rules/    places in source; the rules run in a limited child
    observables/      named numbers out of evidence
    probes/           questions to the box
    evidence          the values that all of this passes on

A diagnosis is one file in `catalogue/`, a rule one function in a module of `rules/`; nothing else
lists them. docs/build/adding-a-diagnosis.md says how to write both, and how to show that they work.
"""
