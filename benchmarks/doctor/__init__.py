"""How often the doctor names a planted mistake, and how rarely it calls a correct run mistaken.

It is measured on random small trainings, in this process:

    python -m benchmarks.doctor                         everything, then the page of figures
    python -m benchmarks.doctor --seeds 0:5 --entries double_softmax,raw_pixels
    python -m benchmarks.doctor --correct 0:50 --seeds 0:0
    python -m benchmarks.doctor --report                only the page, from the runs there are
    python -m benchmarks.doctor --scale mnist,imdb,text
                                                        a few at the size of real data: see scale.py
    python -m benchmarks.doctor --references all        reference solutions: see honest.py
    python -m benchmarks.doctor.unseen                  scripts no rule was made for: see unseen.py

The page is docs/measure/doctor-figures.md. It is written once every planned run is there; the page
of a part of them, such as one entry's, is build/doctor-figures.md. Runs are lines of
`build/doctor.jsonl`: the numbers that were observed. What is there is not run again unless its
source changed; places and diagnoses are made afresh, so that a changed threshold or rule needs no
training. Delete that file after a change of the probes or the observables. Nothing here depends on
seconds.
"""
