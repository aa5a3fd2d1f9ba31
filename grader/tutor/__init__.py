"""What helps a learner on: hints in stages, questions with answers, what to do for more points.

The room owns what is said to one learner and what is remembered about it, in the cache of this
computer alone. Results, diagnoses and tasks enter; sentences leave. Nothing here is scored, stored
with a result, or seen by a box.

    findings         what is wrong, and what to say about it stage by stage
    hints            one stage more with each check; what was opened is remembered
    further_points   what a few points more would need, once the task is passed
    questions        questions in lessons: a prediction before a run, its answer after it
    explanations     the words and figures that an answer is given in
"""
