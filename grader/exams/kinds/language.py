"""Exam `language`: train on a text, then tell the next character of hidden text, and write on from
a prompt, timed.

Bits per character come from the model's logits, normalised here. They must follow from earlier
characters alone (causality.py). What the model writes must be what its own logits rank first, so
that quick writing is the model's own.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from grader.course.dataset import Corpus, data_folder, find_corpus
from grader.doctor.examine import examine_language
from grader.errors import TaskError
from grader.exams import details
from grader.exams.checks import rehearsal
from grader.exams.checks.causality import Windows, cut_windows, must_be_causal, of_windows
from grader.exams.exam import Session, not_valid
from grader.exams.timing import stopwatch
from grader.exams.timing.par import find_par, timed_alone
from grader.exams.training import (
    Companions,
    Lesson,
    Others,
    budget_seconds,
    memory_figures,
    speed_figures,
    teach,
)
from grader.metrics import language as metrics
from grader.records import Details, Measured, Observation
from grader.sandbox.box import Box

SLIVER = 20_000  # training characters for par's box in the timed phase
PROMPTS = 40
PROMPT_SHARE = 0.25  # of the context
WRITTEN_SHARE = 0.5  # of the context: prompt and what is written fit into it
WRITING_SECONDS = 6.0  # of the submission's time at most
LOCK_SECONDS = 3600
GREEDY_LOGITS = 2e-2  # a chosen token's logit may lie so far below the largest
GREEDY_SHARE = 0.98
DISTINCT_GRAM = 4
COPIED_GRAM = 24
EDITED_SHARE = 0.03


def examine(session: Session) -> Observation:
    """Train, ask for logits and for text, time, and judge both."""
    name = session.task.spec.dataset
    module = find_corpus(name)
    session.progress.step(f"reading {name}")
    session.sandbox.warm()
    corpus = module.load(data_folder(session.data_folder))
    budget = budget_seconds(session)
    par = find_par(session) if session.with_par and session.task.spec.par else None
    companions = Companions(session, lesson(session, corpus, SLIVER), par)
    companions.start()
    box = session.open()
    seconds = teach(
        session, box, session.submission, lesson(session, corpus), budget=budget, doing="training"
    )
    windows = cut_windows(corpus, context(session), session.draw)
    prompts = draw_prompts(corpus, context(session), session.draw)
    box.settle(1)
    box.close_log()
    box.freeze()
    companions.wait()
    with timed_alone(session.device, LOCK_SECONDS, session.progress):
        others = Others(box, companions.par, companions.null)
        reader, reading = read(session, box, companions, windows, len(corpus.vocabulary))
        writer, writing = write(session, box, companions, prompts)
        noise = others.noise()
    box.thaw()
    session.remember_memory(box, "answering")
    diagnose(session, box, corpus)
    written = writer.scores[: writer.position]
    measurements = {"train_seconds": Measured(value=seconds, unit="seconds")}
    measurements |= bits(reader.scores, windows)
    in_company = must_be_causal(session, box, windows, reader.scores)
    session.progress.step("comparing what was written with its own logits")
    measurements |= in_company
    measurements |= judge_writing(
        session, box, corpus, prompts[: len(written)], written, one_by_one=bool(in_company)
    )
    session.progress.step("asking changed copies")
    measurements |= perturbed_gap(session, box, corpus, windows, reader.scores)
    measurements |= characters_a_second(reading, writing, prompts) | speed_figures(
        [writing, reading], session.draw
    )
    measurements |= memory_figures(box.peak_memory(), par)
    return Observation(
        measurements,
        [],
        {"written": written, "prompts": prompts[: len(written)]},
        stopwatch.worked_while_idle(reader) or stopwatch.worked_while_idle(writer),
        par=par.figures if par is not None else None,
        reported=box.reported,
        notes=(f"timings may be noisy: {noise}",) if noise else (),
        details=details.with_curves(samples(corpus, prompts, written), session),
    )


def diagnose(session: Session, box: Box, corpus: Corpus) -> None:
    """Have the doctor ask a little more about the training text, and keep what the model likely
    suffers from.
    """
    session.progress.step("looking for known mistakes")
    examined = examine_language(
        box,
        session.submission.folder,
        session.submission.file,
        text=corpus.encode(corpus.train),
        vocabulary=len(corpus.vocabulary),
        context=context(session),
        draw=session.draw,
        evidence=session.training_evidence,
        deadline_seconds=session.task.spec.limits.call_seconds,
    )
    session.diagnoses += examined.diagnoses
    session.measured_loss = examined.loss


def rehearse(session: Session) -> Observation:
    """Train on a generated stand-in text, and ask for logits and a few characters: the contract,
    not the skill.
    """
    corpus = find_corpus(session.task.spec.dataset).stand_in(session.draw)
    began = time.perf_counter()
    box = session.open()
    doing = "training on stand-in data"
    budget, taught = budget_seconds(session), lesson(session, corpus)
    first = replace(taught, settings=taught.settings | {"rehearsal": session.advising})
    seconds = teach(session, box, session.submission, first, budget=budget, doing=doing)
    box.close_log()
    box.freeze()
    windows = cut_windows(corpus, context(session), session.draw)
    prompts = draw_prompts(corpus, context(session), session.draw)[:2]
    alone = Companions(session, lesson(session, corpus, SLIVER), None)
    reader, _ = read(session, box, alone, windows, len(corpus.vocabulary))
    box.thaw()
    diagnose(session, box, corpus)
    measurements = bits(reader.scores, windows) | must_be_causal(
        session, box, windows, reader.scores
    )
    in_company = measurements.get("alone_same")
    box.freeze()
    writer, _ = write(session, box, alone, prompts)
    box.thaw()
    measurements |= judge_writing(
        session, box, corpus, prompts, writer.scores, one_by_one=in_company is not None
    )
    measurements["train_seconds"] = Measured(value=seconds, unit="seconds")
    if session.advising:
        given = rehearsal.Given(corpus, taught.settings, in_company)
        rehearsal.advise_language(session, box, given, train_seconds=seconds, began=began)
    return Observation(measurements, [], {}, reported=box.reported)


def context(session: Session) -> int:
    """Return how many characters a model is shown at once; TaskError where the task does not
    say.
    """
    length = session.task.spec.context
    if length < 8:
        raise TaskError(
            f"task {session.task.id!r} has context = {length}; exam 'language' needs 8 characters or more"
        )
    return length


def lesson(session: Session, corpus: Corpus, most: int | None = None) -> Lesson:
    """Return what a box trains on: the whole training text, or its first `most` characters."""
    settings = {"context": context(session)}
    return Lesson([[corpus.train[:most]], [corpus.vocabulary]], settings, len(corpus.vocabulary))


def draw_prompts(corpus: Corpus, length: int, draw: np.random.Generator) -> np.ndarray:
    """Return the beginnings that a model is to go on from, taken out of the hidden text, int64 (n,
    characters).
    """
    hidden = corpus.encode(corpus.hidden)
    size = max(4, int(length * PROMPT_SHARE))
    starts = draw.permutation(len(hidden) // size - 1)[:PROMPTS] * size
    return np.stack([hidden[start : start + size] for start in starts])


def read(
    session: Session, box: Box, companions: Companions, windows: Windows, vocabulary: int
) -> tuple[stopwatch.Side, stopwatch.Timing]:
    """Let the submission say what comes next at every place of every window; par does so in
    alternating slices.
    """
    spec = session.task.spec
    tokens = np.ascontiguousarray(windows.tokens[:, :-1])
    answers = np.empty((*tokens.shape, vocabulary), dtype=np.float32)

    def ask_logits(box: Box, batch: np.ndarray, slot: np.ndarray, deadline_seconds: float) -> int:
        slot[:], nanoseconds = box.logits(batch, vocabulary, deadline_seconds)
        return nanoseconds

    session.progress.step(f"asking about {tokens.size} hidden characters")
    phase = stopwatch.Phase("reading", spec.batch, 0, len(tokens), ask_logits)
    return timed(session, box, companions, phase, tokens, answers)


def write(
    session: Session, box: Box, companions: Companions, prompts: np.ndarray
) -> tuple[stopwatch.Side, stopwatch.Timing]:
    """Let the submission write on from each prompt; par does so in alternating slices."""
    count = int(context(session) * WRITTEN_SHARE)
    answers = np.zeros((len(prompts), count), dtype=np.int64)
    session.progress.step(f"asking to write on from up to {len(prompts)} prompts")
    phase = stopwatch.Phase("writing", 1, 0, len(prompts), ask_to_write)
    return timed(session, box, companions, phase, prompts, answers, WRITING_SECONDS)


def ask_to_write(box: Box, prompts: np.ndarray, slot: np.ndarray, deadline_seconds: float) -> int:
    """Ask for as many tokens after one prompt as the slot holds."""
    slot[0], nanoseconds = box.write(prompts[0], slot.shape[1], deadline_seconds)
    return nanoseconds


def timed(
    session: Session,
    box: Box,
    companions: Companions,
    phase: stopwatch.Phase,
    inputs: np.ndarray,
    answers: np.ndarray,
    budget_seconds: float | None = None,
) -> tuple[stopwatch.Side, stopwatch.Timing]:
    """Run one timed phase against par."""
    own = stopwatch.Side("submission", box, answers)
    par, null = companions.sides(answers)
    limit = session.task.spec.limits.call_seconds
    with stopwatch.timed_on_cores([side.box for side in (own, par, null) if side is not None], 1):
        return own, stopwatch.run_phase(phase, inputs, own, par, null, limit, budget_seconds)


def bits(logits: np.ndarray, windows: Windows) -> dict[str, Measured]:
    """Return bits per character of the original windows; SubmissionFailed where a logit is not
    finite.
    """
    bad = ~np.isfinite(logits)
    if bad.any():
        raise not_valid(
            "not_finite",
            f"{int(bad.any(axis=-1).sum())} of {bad[..., 0].size} places got NaN or infinite logits; expected finite "
            "numbers. Mask with a large negative number inside the network only, and try a smaller learning rate.",
        )
    rows = windows.originals
    figure = of_windows(metrics.bits_per_token(logits[rows], windows.tokens[rows, 1:]).mean(axis=1))
    return {
        "bits_per_character": figure.model_copy(
            update={"n": len(rows) * (windows.tokens.shape[1] - 1)}
        )
    }


def judge_writing(
    session: Session,
    box: Box,
    corpus: Corpus,
    prompts: np.ndarray,
    written: np.ndarray,
    *,
    one_by_one: bool,
) -> dict[str, Measured]:
    """Return what the written texts are like; SubmissionFailed where they are not what the model's
    logits say.

    one_by_one: the logits depend on what else is in the batch, and each text was written alone.
    """
    size, vocabulary = prompts.shape[1], len(corpus.vocabulary)
    if written.min() < 0 or written.max() >= vocabulary:
        raise not_valid(
            "not_in_vocabulary",
            f"generate(prompt, n) wrote tokens from {written.min()} to {written.max()}; expected 0 to {vocabulary - 1}",
        )
    whole = np.concatenate([prompts, written], axis=1)
    batch, limit = (
        1 if one_by_one else session.task.spec.batch,
        session.task.spec.limits.call_seconds,
    )
    parts = [
        box.logits(whole[i : i + batch, :-1], vocabulary, limit)[0]
        for i in range(0, len(whole), batch)
    ]
    share = metrics.greedy_share(np.concatenate(parts)[:, size - 1 :], written, GREEDY_LOGITS)
    if share < GREEDY_SHARE:
        raise not_valid(
            "not_greedy",
            f"{100 * share:.0f} % of the written characters are the ones the model's own logits rank first; expected "
            f"{100 * GREEDY_SHARE:.0f} % or more: generate(prompt, n) appends the likeliest character each time "
            "(argmax, no sampling) and begins with the prompt's state",
        )
    known = np.sort(metrics.gram_hashes(corpus.encode(corpus.train), COPIED_GRAM))
    shares = {
        "greedy_share": share,
        "distinct_share": metrics.distinct_share(written, DISTINCT_GRAM),
        "copied_share": metrics.copied_share(written, known, COPIED_GRAM),
        "prompt_copied_share": float(
            np.mean([prompt_copied(p, w) for p, w in zip(prompts, written, strict=True)])
        ),
    }
    return {
        name: Measured(value=value, n=len(written), unit="share") for name, value in shares.items()
    }


def samples(corpus: Corpus, prompts: np.ndarray, written: np.ndarray) -> Details:
    """Return some of what was written, for a page, with what stands in the training text."""
    known = np.sort(metrics.gram_hashes(corpus.encode(corpus.train), COPIED_GRAM))
    shown = range(min(details.SAMPLES, len(written)))
    return details.texts(
        [corpus.decode(prompts[i]) for i in shown],
        [corpus.decode(written[i]) for i in shown],
        written[: len(shown)],
        known,
        COPIED_GRAM,
    )


def prompt_copied(prompt: np.ndarray, written: np.ndarray) -> float:
    """Return the share of what was written that only repeats runs of the prompt."""
    size = min(len(prompt), COPIED_GRAM // 2)
    return metrics.copied_share(written[None], np.sort(metrics.gram_hashes(prompt, size)), size)


def perturbed_gap(
    session: Session, box: Box, corpus: Corpus, windows: Windows, logits: np.ndarray
) -> dict[str, Measured]:
    """Return by how many bits unchanged characters cost more in copies of which 3 % of the
    characters were replaced.
    """
    draw, batch = session.draw, session.task.spec.batch
    picked = draw.permutation(windows.originals)[: 4 * batch]
    copies = windows.tokens[picked].copy()
    changed = draw.random(copies.shape) < EDITED_SHARE
    copies[changed] = draw.integers(0, len(corpus.vocabulary), size=int(changed.sum()))
    limit = session.task.spec.limits.call_seconds
    parts = [
        box.logits(np.ascontiguousarray(copies[i : i + batch, :-1]), len(corpus.vocabulary), limit)[
            0
        ]
        for i in range(0, len(copies), batch)
    ]
    same = ~changed[:, 1:]
    before = metrics.bits_per_token(logits[picked], windows.tokens[picked, 1:])
    after = metrics.bits_per_token(np.concatenate(parts), copies[:, 1:])
    rows = np.array([(a - b)[keep].mean() for a, b, keep in zip(after, before, same, strict=True)])
    return {"perturbed_bits": of_windows(rows)}


def characters_a_second(
    reading: stopwatch.Timing, writing: stopwatch.Timing, prompts: np.ndarray
) -> dict[str, Measured]:
    """Return characters a second, read and written."""
    written = int(prompts.shape[1] / PROMPT_SHARE * WRITTEN_SHARE)
    figures = {}
    for name, timing, per_call in (
        ("reading_per_second", reading, reading.phase.batch * int(prompts.shape[1] / PROMPT_SHARE)),
        ("throughput_per_second", writing, written),
    ):
        if len(timing.calls):
            figure = stopwatch.per_second(timing.calls, per_call)
            figures[name] = figure.model_copy(update={"unit": "characters a second"})
    return figures
