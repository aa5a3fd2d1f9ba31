"""Engines: where the workers of a batch run.

In: a submission at a time, as the batch has it. Out: what it is, and the packed result. An engine
says how many submissions are graded at a time and where, starts a worker for each of those places,
and says which place is lost. It never stores a result: the batch alone does.

    engine    what an engine and its workers must offer, and how an engine is found by its name
    local     workers on this computer: the engine without a name
    ray       workers on the nodes of a Ray cluster
"""
