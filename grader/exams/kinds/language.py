"""Exam `language`: train on a text, foretell hidden text, and write on from prompts, timed.

Bits per character come from the model's logits, normalised here. They must follow from earlier
characters alone (checks/causality.py). What the model writes must be what its own logits rank
first, so that quick writing is the model's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from grader.course.dataset import Corpus, CorpusModule, find_corpus
from grader.doctor.examine import examine_language
from grader.errors import TaskError
from grader.exams import details
from grader.exams.checks import rehearsal
from grader.exams.checks.budget_advice import epochs_in_budget
from grader.exams.checks.causality import Windows, cut_windows, must_be_causal, of_windows
from grader.exams.checks.shares import means_apart
from grader.exams.exam import not_valid
from grader.exams.session import Session
from grader.exams.teaching import Lesson
from grader.exams.timing import figures, stopwatch
from grader.exams.trained_exam import PhasePlan, Questions, TrainedExam
from grader.metrics import language as metrics
from grader.records import Code, Details, Failure, Measured
from grader.sandbox.box import Box

# Measurements a task of this kind may be scored by.
METRICS = ("bits_per_character", "perturbed_bits", "distinct_share", "copied_share")

SLIVER = 20_000  # training characters for par's box in the timed phase
PROMPTS = 40
STAND_IN_PROMPTS = 2
PROMPT_SHARE = 0.25  # of the context
WRITTEN_SHARE = 0.5  # of the context: prompt and what is written fit into it
WRITING_SECONDS = 6.0  # of the submission's time at most
SHORTEST_CONTEXT = 8
GREEDY_LOGITS = 2e-2  # a chosen token's logit may lie so far below the largest
GREEDY_SHARE = 0.98
BITS = "bits a character"
DISTINCT_GRAM = 4
COPIED_GRAM = 24
EDITED_SHARE = 0.03
FEWEST_EDITED = 8  # windows that are asked with changes; with fewer there is no such audit
ALONE_SHARE = 0.1  # of the windows are asked alone before any batch, untimed, and so many at most
MOST_ALONE = 64


class Kind(TrainedExam):
    """One language exam."""

    # Results and kept figures of par have it so; another moment would need another exam version.
    PEAK_INCLUDES_CHECKS = True

    _corpus: Corpus
    _windows: Windows  # of hidden text: the questions of the reading phase
    _prompts: np.ndarray  # int64 (n, characters): the questions of the writing phase

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._module: CorpusModule = find_corpus(session.task.spec.dataset)
        self._context = context(session)
        self._most_prompts = PROMPTS
        self._alone_same: Measured | None = None  # of a model that reads the rest of the batch

    # What is read and taught.

    def read(self, folder: Path) -> None:
        self._corpus = self._module.load(folder)
        if self.session.hidden is not None:
            self._corpus = self.session.hidden.of_corpus(self._corpus)

    def read_stand_in(self) -> None:
        self._corpus = self._module.stand_in(self.session.draw)
        self._most_prompts = STAND_IN_PROMPTS

    def lesson(self) -> Lesson:
        return lesson(self._corpus, self._context)

    def sliver(self) -> Lesson:
        return lesson(self._corpus, self._context, SLIVER)

    @property
    def _size(self) -> int:
        """Characters in the vocabulary."""
        return len(self._corpus.vocabulary)

    # What is asked.

    def questions(self) -> Sequence[Questions]:
        """Return windows of hidden text to foretell, and prompts to write on from."""
        draw = self.session.draw
        self._windows = cut_windows(self._corpus, self._context, draw)
        self._prompts = draw_prompts(self._corpus, self._context, draw)[: self._most_prompts]
        return [self._reading(), self._writing()]

    def _reading(self) -> Questions:
        tokens = np.ascontiguousarray(self._windows.tokens[:, :-1])

        def ask_logits(box: Box, batch: np.ndarray, slot: np.ndarray, deadline: float) -> int:
            slot[:], nanoseconds = box.logits(batch, slot.shape[2], deadline)
            return nanoseconds

        return Questions(
            inputs=tokens,
            answers=np.empty((*tokens.shape, self._size), dtype=np.float32),
            phases=(
                PhasePlan("alone", 1, ALONE_SHARE, ask_logits, budget_seconds=0, least=MOST_ALONE),
                PhasePlan("reading", self.session.task.spec.batch, ask=ask_logits),
            ),
            asking=f"asking about {tokens.size} hidden characters",
        )

    def _writing(self) -> Questions:
        count = int(self._context * WRITTEN_SHARE)
        plan = PhasePlan("writing", 1, ask=ask_to_write, budget_seconds=WRITING_SECONDS)
        return Questions(
            inputs=self._prompts,
            answers=np.zeros((len(self._prompts), count), dtype=np.int64),
            phases=(plan,),
            asking=f"asking for continuations of up to {len(self._prompts)} prompts",
        )

    @property
    def logits(self) -> np.ndarray:
        """What was said of every place of every window, float32 (windows, context, vocabulary)."""
        return self.sides[0].scores

    @property
    def written(self) -> np.ndarray:
        """What was written on from each prompt there was time for, int64 (n, characters)."""
        writer = self.sides[1]
        return writer.scores[: writer.position]

    @property
    def prompts(self) -> np.ndarray:
        """The prompts that were written on from, int64 (n, characters)."""
        return self._prompts[: len(self.written)]

    # What is found.

    def diagnose(self, box: Box) -> Failure | None:
        """Let the doctor ask about the training text, and keep what it names."""
        submission = self.session.submission
        examined = examine_language(
            box,
            submission.folder,
            submission.file,
            text=self._corpus.encode(self._corpus.train),
            vocabulary=self._size,
            context=self._context,
            draw=self.session.draw,
            trace=self.trace,
            deadline_seconds=self.call_seconds,
        )
        self.outcome.diagnoses += examined.diagnoses
        self.measured_loss = examined.loss
        return None

    def judge(self, box: Box) -> dict[str, Measured]:
        found = bits(self.logits, self._windows)
        first = self.timings[1].phase.first if self.timings else 0
        in_company = must_be_causal(self.session, box, self._windows, self.logits, first)
        self._alone_same = in_company.get("alone_same")
        found |= in_company
        self.session.progress.step("comparing the text written with the model's own logits")
        return found | self._judge_writing(box)

    def _judge_writing(self, box: Box) -> dict[str, Measured]:
        """Return what the written texts are like.

        SubmissionFailed where they are not what the model's logits say. Where logits depend on what
        else is in the batch, they are asked one by one: each text was written alone.
        """
        must_be_in_vocabulary(self.written, self._size)
        whole = np.concatenate([self.prompts, self.written], axis=1)
        batch = 1 if self._alone_same is not None else self.session.task.spec.batch
        logits = self._logits_of(box, whole, batch)[:, self.prompts.shape[1] - 1 :]
        greedy = metrics.greedy_share(logits, self.written, GREEDY_LOGITS)
        must_be_greedy(greedy)
        return {"greedy_share": share_of(greedy, len(self.written))} | self._originality()

    def _originality(self) -> dict[str, Measured]:
        written = self.written
        known = known_grams(self._corpus)
        repeated = [prompt_copied(*pair) for pair in zip(self.prompts, written, strict=True)]
        shares = {
            "distinct_share": metrics.distinct_share(written, DISTINCT_GRAM),
            "copied_share": metrics.copied_share(written, known, COPIED_GRAM),
            "prompt_copied_share": float(np.mean(repeated)),
        }
        return {name: share_of(value, len(written)) for name, value in shares.items()}

    def _logits_of(self, box: Box, rows: np.ndarray, batch: int) -> np.ndarray:
        """Ask for the logits of rows of tokens, (n, t + 1), whose last token is only foretold."""
        parts = []
        for start in range(0, len(rows), batch):
            asked = np.ascontiguousarray(rows[start : start + batch, :-1])
            parts.append(box.logits(asked, self._size, self.call_seconds)[0])
        return np.concatenate(parts)

    def audit(self, box: Box) -> dict[str, Measured]:
        """Return what else the logits were put to, for a figure each."""
        return self._perturbed(box) | self._one_by_one()

    def _perturbed(self, box: Box) -> dict[str, Measured]:
        """Return by how many bits unchanged characters cost more in perturbed copies.

        In these, 3 % of the characters are replaced. Who has the hidden text by heart stumbles over
        them. They are copies of windows that are asked in no other way, so that what was read
        before is no help.
        """
        kept = self._windows.kept
        if len(kept) < FEWEST_EDITED:
            self.outcome.notes.append(
                f"the hidden text is too short to keep {FEWEST_EDITED} windows apart: it was not "
                "tested whether perturbed copies of unasked text are foretold as well "
                "(perturbed_bits)"
            )
            return {}
        self.session.progress.step("asking perturbed copies")
        draw = self.session.draw
        copies = kept.copy()
        changed = draw.random(copies.shape) < EDITED_SHARE
        copies[changed] = draw.integers(0, self._size, size=int(changed.sum()))
        logits = self._logits_of(box, copies, self.session.task.spec.batch)
        costs = metrics.bits_per_token(logits, copies[:, 1:])
        is_same = ~changed[:, 1:]
        of_each = np.array([row[same].mean() for row, same in zip(costs, is_same, strict=True)])
        more = means_apart(of_each, self._bits_of(self._windows.originals), BITS)
        return {} if more is None else {"perturbed_bits": more}

    def _one_by_one(self) -> dict[str, Measured]:
        """Return how much more characters cost in windows that came alone, before any batch."""
        rows = self._windows.originals
        is_alone = rows < self.timings[1].phase.first
        alone = self._bits_of(rows[is_alone])
        more = means_apart(alone, self._bits_of(rows[~is_alone]), BITS)
        return {} if more is None else {"alone_more_bits": more}

    def _bits_of(self, rows: np.ndarray) -> np.ndarray:
        """Return the bits a character of the windows in these rows, float64 (n,)."""
        tokens = self._windows.tokens[rows, 1:]
        each: np.ndarray = metrics.bits_per_token(self.logits[rows], tokens).mean(axis=1)
        return each

    def timings_for_speed(self) -> Sequence[stopwatch.Timing]:
        _, reading, writing = self.timings
        return [writing, reading]

    def call_figures(self) -> dict[str, Measured]:
        """Return characters a second, read and written."""
        _, reading, writing = self.timings
        unit = "characters a second"
        read = reading.phase.batch * self._context
        found = figures.throughput_figure(reading, read, "reading_per_second", unit)
        written = self.sides[1].scores.shape[1]
        return found | figures.throughput_figure(writing, written, unit=unit)

    # What is kept.

    def raw_answers(self) -> dict[str, np.ndarray]:
        if self.session.hidden is not None:  # a prompt, and what is written on from it, quotes it
            return {}
        return {"written": self.written, "prompts": self.prompts}

    def details(self) -> Details:
        """Return some of what was written, with what stands in the training text.

        Nothing where the hidden text is private: each begins with a piece of it.
        """
        if self.session.hidden is not None:
            return Details()
        shown = min(details.SAMPLES, len(self.written))
        return details.texts(
            [self._corpus.decode(row) for row in self.prompts[:shown]],
            [self._corpus.decode(row) for row in self.written[:shown]],
            self.written[:shown],
            known_grams(self._corpus),
            COPIED_GRAM,
        )

    def advise(self, box: Box, train_seconds: float, began: float) -> None:
        done = rehearsal.Rehearsed(self, box, train_seconds, began)
        self.outcome.advice += epochs_in_budget(self.session, self.outcome.reported)
        rehearsal.advise_language(done, self._corpus, self.lesson(), self._alone_same)


def context(session: Session) -> int:
    """Return how many characters a model is shown at once; TaskError where the task is silent."""
    length = session.task.spec.context
    if length < SHORTEST_CONTEXT:
        raise TaskError(
            f"task {session.task.id!r} has context = {length}; the exam 'language' needs "
            f"{SHORTEST_CONTEXT} characters or more"
        )
    return length


def lesson(corpus: Corpus, length: int, most: int | None = None) -> Lesson:
    """Return what a box trains on: the whole training text, or its first `most` characters."""
    values: list[np.ndarray | list[str]] = [[corpus.train[:most]], [corpus.vocabulary]]
    return Lesson("language", values, len(corpus.vocabulary), {"context": length})


def draw_prompts(corpus: Corpus, length: int, draw: np.random.Generator) -> np.ndarray:
    """Return beginnings that a model is to go on from, out of the hidden text, int64 (n, size)."""
    hidden = corpus.encode(corpus.hidden)
    size = max(4, int(length * PROMPT_SHARE))
    starts = draw.permutation(len(hidden) // size - 1)[:PROMPTS] * size
    return np.stack([hidden[start : start + size] for start in starts])


def ask_to_write(box: Box, prompts: np.ndarray, slot: np.ndarray, deadline_seconds: float) -> int:
    """Ask for as many tokens after one prompt as the slot holds."""
    slot[0], nanoseconds = box.write(prompts[0], slot.shape[1], deadline_seconds)
    return nanoseconds


def bits(logits: np.ndarray, windows: Windows) -> dict[str, Measured]:
    """Return bits per character of the original windows; SubmissionFailed where not finite.

    logits: float32 (windows, context, vocabulary).
    """
    bad = ~np.isfinite(logits)
    if bad.any():
        places = bad.any(axis=-1)
        raise not_valid(
            Code.NOT_FINITE,
            f"{int(places.sum())} of {places.size} positions got NaN or infinite logits; "
            "expected finite numbers. Mask with a large negative number only inside the network, "
            "print the loss of every step, and find the first that is not finite.",
        )
    rows = windows.originals
    targets = windows.tokens[rows, 1:]
    figure = of_windows(metrics.bits_per_token(logits[rows], targets).mean(axis=1))
    return {"bits_per_character": figure.model_copy(update={"n": targets.size})}


def must_be_in_vocabulary(written: np.ndarray, size: int) -> None:
    """SubmissionFailed where a written token is none of the vocabulary's."""
    if written.min() < 0 or written.max() >= size:
        raise not_valid(
            Code.NOT_IN_VOCABULARY,
            f"generate(prompt, n) wrote tokens from {written.min()} to {written.max()}; expected "
            f"0 to {size - 1}",
        )


def must_be_greedy(share: float) -> None:
    """SubmissionFailed where too little of what was written is what the logits rank first."""
    if share < GREEDY_SHARE:
        raise not_valid(
            Code.NOT_GREEDY,
            f"{100 * share:.0f} % of the written characters are the ones the model's own logits "
            f"rank first; expected at least {100 * GREEDY_SHARE:.0f} %: generate(prompt, n) "
            "should append the likeliest character each time (argmax, no sampling) and begin "
            "with the prompt's state",
        )


def share_of(value: float, count: int) -> Measured:
    return Measured(value=value, n=count, unit="share")


def known_grams(corpus: Corpus) -> np.ndarray:
    """Return sorted hashes of the training text's runs of COPIED_GRAM characters."""
    return np.sort(metrics.gram_hashes(corpus.encode(corpus.train), COPIED_GRAM))


def prompt_copied(prompt: np.ndarray, written: np.ndarray) -> float:
    """Return the share of what was written that only repeats runs of the prompt."""
    size = min(len(prompt), COPIED_GRAM // 2)
    return metrics.copied_share(written[None], np.sort(metrics.gram_hashes(prompt, size)), size)
