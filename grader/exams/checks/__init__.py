"""What a submission's answers have to stand besides being right: a file a check.

Checks get an open box whose timed phase is over and the answers it gave there, ask it more, and
return figures and notes. What follows from a figure is decided by `grader.course.score`, with the
exception of answers that break the exam's contract: those end as SubmissionFailed.
"""
