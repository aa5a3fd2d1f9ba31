"""A class that never was: results of every kind with plausible figures, and what is kept beside
them.

Everything is drawn from a seed. Tests, screenshots and `python -m benchmarks site` use the same
one.
"""

from __future__ import annotations

import base64
import io
import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from grader.course.curriculum import Task, all_tasks
from grader.records import (
    Answer,
    Bin,
    Details,
    Diagnosis,
    Measured,
    Mistake,
    NamedLines,
    Number,
    PhaseMemory,
    Result,
    Sample,
    Status,
)
from grader.results import store
from support.factories import START, accuracy, make_function_result, make_result, ratio

DIGITS = [str(number) for number in range(10)]
FRAMEWORKS = ("torch", "keras", "jax", "tensorflow")
FAILURES = (
    (
        Status.RUNTIME_ERROR,
        "raised",
        "train(data) raised ValueError: shapes (64,10) and (64,) not aligned",
    ),
    (Status.TIME_LIMIT_EXCEEDED, "deadline", "training took longer than the budget of 60 s"),
    (Status.INVALID_SUBMISSION, "wrong_output", "solution.py returned None, expected a model"),
    (Status.MEMORY_LIMIT_EXCEEDED, "memory", "the box needed more than 2048 MiB"),
    (
        Status.FLAGGED,
        "perturbed_gap",
        "answers on slightly changed copies are much worse than on the hidden set",
    ),
    (Status.GRADER_ERROR, "grader", "the box could not be started: no space left on device"),
)
NAMES = (
    "Ada",
    "Bo",
    "Çelik",
    "Dániel",
    "Ewa",
    "Фёдор",
    "Gül",
    "Hanako 花子",
    "İpek",
    "Jürgen",
    "Κώστας",
    "محمد",
    "נועה",
    "अनिल",
)
NETWORKS = {
    "mnist": "dense 784-128-10",
    "imdb": "GRU 64",
    "gan": "DCGAN 32",
}  # that four authors have in common
PIXEL_SIZE = 28
NAMED_LINES = NamedLines(
    where="solution.py:18",
    line=18,
    first=16,
    lines=[
        "    for images, labels in data.loader(batch_size=64):",
        "        optimizer.zero_grad()",
        "        scores = torch.softmax(model(images), dim=1)",
        "        functional.cross_entropy(scores, labels).backward()",
        "        optimizer.step()",
    ],
)
DIAGNOSIS = Diagnosis(
    code="softmax_before_loss",
    text_id="doctor.softmax_before_loss",
    title="Softmax is applied before a loss that applies it again",
    severity="essential",
    because=[
        "the loss never falls below 1.46, where a double softmax over ten classes ends",
        "solution.py:18 is the line to look at",
    ],
    where="solution.py:18",
)
LOG = "\n".join(
    f"epoch {epoch}: loss {2.3 / epoch:.4f} accuracy {1 - 0.6 / epoch:.3f}"
    for epoch in range(1, 11)
)


def seconds(value: float) -> Measured:
    return Measured(
        value=value, low=value * 0.95, high=value * 1.06, n=120, unit="seconds", spread="quartiles"
    )


def make_class(
    count: int, tasks: Sequence[Task], *, seed: int = 7, authors: int | None = None
) -> Iterator[Result]:
    """Yield `count` results, spread over the tasks and over authors who come back and mostly
    improve.
    """
    draw = random.Random(seed)
    authors = authors or max(1, count // (2 * len(tasks)))
    runs: dict[tuple[str, str], int] = {}
    for number in range(count):
        task = tasks[number % len(tasks)]
        person = draw.randrange(authors)
        author = f"{NAMES[person % len(NAMES)]} {person}" if person >= len(NAMES) else NAMES[person]
        attempt = runs[author, task.id] = runs.get((author, task.id), 0) + 1
        yield one_run(draw, number, task, author, attempt, person)


def one_run(
    draw: random.Random, number: int, task: Task, author: str, attempt: int, person: int
) -> Result:
    """Return one run; its skill grows with the attempts, and some fail."""
    skill = min(0.99, draw.betavariate(4, 2) * 0.7 + 0.08 * attempt + 0.2 * draw.random())
    time_of_day = f"{number // 3600 % 24:02}{number // 60 % 60:02}{number % 60:02}"
    shared: dict[str, Any] = {
        "task": task.id,
        "title": task.spec.title,
        "exam_version": task.exam_version,
        "score_version": task.score_version,
        "id": f"20250303T{time_of_day}Z-{number:08x}",
        "created_at": START + timedelta(minutes=37 * number),
    }
    if draw.random() < 0.12:
        status, code, reason = FAILURES[min(int(draw.expovariate(0.6)), len(FAILURES) - 1)]
        points = None if status is Status.GRADER_ERROR else (0.0, 0.0, 0.0)
        failed = make_result(
            author, f"try {attempt}", status=status, points=points, measurements={}, **shared
        )
        return failed.model_copy(
            update={"verdict": failed.verdict.model_copy(update={"reason": reason, "code": code})}
        )
    if task.spec.exam == "functions":
        passed = round(10 * skill)
        status = Status.ACCEPTED if passed == 10 else Status.BELOW_TARGET
        made = make_function_result(author, passed, name=f"try {attempt}", status=status, **shared)
        message = (
            "case 1 of 10: the value is wrong\n"
            "  z = [1000, 1001]\n  expected  [0.27, 0.73]\n  received  [nan, nan]"
        )
        group = made.cases[0].model_copy(update={"message": message if passed < 10 else ""})
        return made.model_copy(update={"cases": [group]})
    return with_figures(draw, task, author, attempt, person, skill, shared)


def with_figures(
    draw: random.Random,
    task: Task,
    author: str,
    attempt: int,
    person: int,
    skill: float,
    shared: dict[str, Any],
) -> Result:
    """Return a run of a task that trains a model, with all its figures."""
    lower = task.spec.scoring.better == "lower"
    speed, small = 2 ** draw.gauss(0, 0.8), 2 ** draw.gauss(0, 0.4)
    value = 1.5 + 2 * (1 - skill) if lower else 0.86 + 0.135 * skill
    unit = "distance" if task.spec.exam == "generation" else "bits a character"
    metric = Measured(
        value=value, low=value - 0.02, high=value + 0.02, n=40, unit=unit, spread="95% interval"
    )
    measurements = {
        task.spec.scoring.metric: metric if lower else accuracy(value, 0.004),
        "train_seconds": Measured(value=20 * 2 ** draw.gauss(0, 1), unit="seconds"),
        "latency_seconds": seconds(4e-4 / speed),
        "throughput_per_second": Measured(value=9000 * speed, n=30, unit="inputs a second"),
        "speed_ratio": ratio(speed, 0.03 * speed),
        "peak_memory_bytes": Measured(value=420 * 2**20 / small, unit="bytes"),
        "memory_ratio": Measured(value=small, unit="ratio"),
        "perturbed_gap": Measured(
            value=0.002, low=-0.001, high=0.005, n=2000, unit="share", spread="95% interval"
        ),
    }
    par = {
        task.spec.scoring.metric: metric.model_copy(update={"value": 1.9})
        if lower
        else accuracy(0.985),
        "train_seconds": Measured(value=25.0, unit="seconds"),
        "latency_seconds": seconds(4e-4),
        "peak_memory_bytes": Measured(value=420 * 2.0**20, unit="bytes"),
    }
    is_accepted = skill > 0.45
    points = (
        70 * skill,
        20 * min(1.0, speed / 3) * is_accepted,
        10 * min(1.0, small / 2) * is_accepted,
    )
    made = make_result(
        author,
        f"try {attempt}",
        status=Status.ACCEPTED if is_accepted else Status.BELOW_TARGET,
        reason=""
        if is_accepted
        else f"{task.spec.scoring.metric} is {value:.4g}; this task asks for more",
        points=points,
        measurements=measurements,
        par=par,
        exam=task.spec.exam,
        diagnoses=[DIAGNOSIS] if task.id == "mnist" and not is_accepted else [],
        **shared,
    )
    record = {"metric": task.spec.scoring.metric, "better": task.spec.scoring.better}
    said = {"framework": FRAMEWORKS[person % 4], "numpy": "2.4.6"}
    about = {
        "reported": said,
        "network": NETWORKS.get(task.id, "") if person < 4 else "",
        "lines": 20 + person % 60,
    }
    return made.model_copy(
        update={
            "task": made.task.model_copy(update=record),
            "submission": made.submission.model_copy(update=about),
        }
    )


def picture(draw: random.Random, size: int = PIXEL_SIZE) -> str:
    """Return a small grey picture as PNG in base64."""
    packed = io.BytesIO()
    image = Image.new("L", (size, size))
    image.putdata(
        [draw.randrange(256) if (i // size + i % size) % 3 else 0 for i in range(size * size)]
    )
    image.save(packed, "PNG")
    return base64.b64encode(packed.getvalue()).decode("ascii")


def make_details(kind: str = "pictures", *, seed: int = 3) -> Details:
    """Return details of a classifier ("pictures", "texts"), of a generator, a language model or of
    functions.
    """
    draw = random.Random(seed)
    curve = [2e-4 * (1 + (percent / 90) ** 6) for percent in range(101)]
    phases = (("loading", 190), ("training", 410), ("answering", 430))
    memory = [PhaseMemory(phase=phase, bytes=size * 2.0**20) for phase, size in phases]
    if kind == "functions":
        return Details(answers=[small_answer(draw, side) for side in (2, 4, 12)])
    if kind == "generation":
        return Details(memory=memory, made=picture(draw, 120), real=picture(draw, 120))
    if kind == "language":
        written = (
            "the king is dead, and all the world is still; "
            "the night has come, and nothing stirs at all"
        )
        sample = Sample(prompt="What say you, ", written=written, copied=[(0, 16), (40, 70)])
        return Details(memory=memory, samples=[sample] * 3)
    classes = DIGITS if kind == "pictures" else ["negative", "positive"]
    size = len(classes)
    table = [[950 if i == j else draw.randrange(12) for j in range(size)] for i in range(size)]
    mistakes = [
        Mistake(
            truth=number % size,
            answer=(number + 1) % size,
            confidence=0.99 - number / 60,
            picture=picture(draw) if kind == "pictures" else "",
            text=""
            if kind == "pictures"
            else "I expected little, and even that was too much. " * 4,
        )
        for number in range(24)
    ]
    bins = [Bin(confidence=0.3 + 0.1 * i, accuracy=0.25 + 0.1 * i, n=20 * 2**i) for i in range(7)]
    return Details(
        classes=classes,
        confusion=table,
        calibration=bins,
        mistakes=mistakes,
        named_lines=[NAMED_LINES],
        latency_curve=curve,
        par_latency_curve=[1.4 * value for value in curve],
        memory=memory,
    )


def small_answer(draw: random.Random, side: int) -> Answer:
    """Return a square answer of `make_function_result` with wrong values in its corners."""
    target = [[round(draw.gauss(0, 1), 6) for _ in range(side)] for _ in range(side)]
    yours: list[list[Number]] = [[*row] for row in target]
    yours[0][0], yours[-1][-1] = -target[0][0], "nan"
    shape, wrong = [side, side], [(0, 0), (side - 1, side - 1)]
    about = {
        "function": "softmax",
        "group": "large inputs",
        "target_shape": shape,
        "yours_shape": shape,
    }
    return Answer.model_validate(about | {"target": target, "yours": yours, "wrong": wrong})


def details_for(result: Result) -> Details | None:
    """Return the details that a result of its exam would have."""
    return details_of_exam(result.task.exam) if result.measurements else None


@cache
def details_of_exam(exam: str) -> Details | None:
    """Return the same details for every result of an exam: a whole class of them is drawn in no
    time.
    """
    kind = {"classification": "pictures"}.get(exam, exam)
    return (
        make_details(kind) if kind in ("pictures", "generation", "language", "functions") else None
    )


def write_store(
    root: Path, count: int, tasks: Sequence[Task] | None = None, **options: Any
) -> list[Result]:
    """Write a whole store, quickly: not synced, which a store of real results is."""
    kept = {}
    results = []
    for result in make_class(count, tasks or all_tasks(), **options):
        folder = root / result.task.id / result.id
        folder.mkdir(parents=True)
        (folder / store.RESULT_FILE).write_text(result.model_dump_json(indent=2), "utf-8")
        if result.measurements and result.task.exam != "functions":
            if result.task.exam not in kept:
                kept[result.task.exam] = (details_for(result) or Details()).model_dump_json(
                    exclude_defaults=True
                )
            (folder / store.DETAILS_FILE).write_text(kept[result.task.exam], "utf-8")
            (folder / store.LOG_FILE).write_text(LOG, "utf-8")
        results.append(result)
    return results
