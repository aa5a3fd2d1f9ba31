"""Rules: places in a submission's source that go with a mistake.

A rule is a function from a syntax tree to places, declared with `@rule` in the module for its
subject: `outputs`, `layers`, `sequences`, `weights`, `losses`, `loops`, `optimizers`,
`preparation`, `labels`, `examples`, `generators`, `grey_levels`. `finder` collects every rule of
this folder, so a new one needs no other edit.

In: source files of strangers, parsed in a child process that limits itself first
(`hostile_source`), because a few kilobytes of source can drive a parser into deep recursion. Out:
names of rules, numbers of files and lines, which `grader.doctor.source` checks one by one. The
modules here import the standard library and each other only, so that the child starts quickly.
"""
