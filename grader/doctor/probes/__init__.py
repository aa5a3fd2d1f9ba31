"""Probes: the few more questions a box is asked after the graded part, never inside a timed phase.

In: a box that has answered its graded part, and training examples. Out: its answers, as values of
`grader.doctor.evidence`. The questions are training examples and windows of the training text:
nothing hidden is shown again. No new question begins once PROBE_SECONDS are over; a slow model is
asked less, and the doctor says less about it. A box that raises or ends here does not fail
the submission, which has already been graded.
"""
