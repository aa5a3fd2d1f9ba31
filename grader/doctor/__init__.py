"""The doctor: mistakes recognised by name, from outside.

After the graded part a box is asked a few more questions (`probes`). What it answered, what the
exam measured and what the submission told of its training is the evidence; pure functions turn it
into named numbers (`observables`), and a limited child reads the source (`source`). The catalogue,
a TOML file an entry, says which numbers are signs of which mistake (`catalogue`, `diagnose`). A
name is given only where two signs agree, or one sign and a place in the source, and never on the
word of the submission alone. Nothing here touches a score.
"""
