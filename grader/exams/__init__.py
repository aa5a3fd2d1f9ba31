"""How a kind of task questions a submission, and the timing and checks that all kinds share.

In comes a `Session`: a task, a submission, a sandbox. Out goes one `Outcome`: measurements, raw
answers, a failure if there was one, diagnoses. Nothing is scored and nothing is stored here, and
labels and hidden targets never leave this room.

    exam.py         what an exam is; trained_exam.py: the template of those that train a model
    kinds/          one file a kind; `holding.py` finds them by name
    checks/         what answers are put to after they were timed, and the rehearsal
    timing/         the stopwatch, par, the boxes beside the submission's, the estimates
    function_cases/ the parts of a function task, and how a wrong answer is explained
"""
