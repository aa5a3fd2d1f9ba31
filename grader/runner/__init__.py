"""The runner: the only code of ours beside a learner's, in the box.

It imports the standard library, NumPy and itself at once, and a framework only when the submission
has imported it. Nothing else of ours is in the box, and no search path leads to it (`__main__`).

In: requests over the wire (`frames`): settings, the submission's folder, training data, inputs to
answer. Out: plain arrays and texts, a training trace, errors for display. Nothing here is trusted:
whatever a runner answers is checked by the host as if a stranger had sent it, because the
submission shares this process and may change any of it.

    main                 one request in, one reply out
    entry, script        find and run what was handed in
    classifier, regressor, generator, language
                         what a trained model is asked, by kind of exam
    with_torch*, with_keras*
                         how a model of a framework answers raw inputs
    forms, table_forms, text_forms
                         how raw inputs become what a model was trained on
    loaders and *_loaders
                         answer data set loaders with the task's data (`given_data`)
    tracing and trace_*  what is seen of a training (`training_trace`)
    imports, frameworks  act when a framework is imported
    values, problem      what travels, and what is said when something goes wrong
    frames               the wire format, which the host imports too
"""
