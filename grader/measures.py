"""The one registry of what is measured: the id of each figure, what people read, how it is shown.

Every measurement that an exam writes has an entry here; a test holds them together. Terminals and
pages take labels and formats from it, questions in lessons may speak of every figure in it, and the
table in docs/measure/results-format.md is `documentation()`. To measure something new, add an entry
and put the new table into that page.

A stored result may hold a measurement that this list lacks: `find` makes an entry for it from its
id and unit, so that it is shown all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Literal

Better = Literal["higher", "lower", "none"]
PEOPLE = ("Fréchet",)
CORRUPTIONS = ("noise", "blur", "contrast", "brightness", "shift", "occlusion")


class Format(StrEnum):
    """How a figure is shown."""

    SHARE = "share"  # in percent
    CASES = "cases"  # "5 of 6"
    SECONDS = "seconds"  # in microseconds to minutes
    BYTES = "bytes"  # in MiB or GiB
    RATIO = "ratio"  # "1.25 x"
    RATE = "rate"  # so many per second
    NUMBER = "number"  # with its unit


@dataclass(frozen=True)
class Measure:
    """One kind of figure."""

    id: str  # its name in `Result.measurements`
    label: str  # what people read, as a heading
    doc: str  # what it is, in Markdown
    unit: str  # the text in `Measured.unit`
    format: Format
    better: Better  # "none": neither more nor less is good in itself
    column: str = ""  # a short heading for narrow tables; empty: it has no column there
    suffix: str = ""  # behind a number on a page, where the label does not say the unit
    is_detail: bool = False  # shown on pages only: a terminal has to be brief

    @property
    def in_sentence(self) -> str:
        """The label as it stands inside a sentence; a person's name keeps its capital."""
        if self.label.startswith(PEOPLE):
            return self.label
        return self.label[:1].lower() + self.label[1:]


# Figures of one kind share their unit, their format, and usually which way is better.
share = partial(Measure, unit="share", format=Format.SHARE, better="higher")
seconds = partial(Measure, unit="seconds", format=Format.SECONDS, better="lower")
size = partial(Measure, unit="bytes", format=Format.BYTES, better="lower")
ratio = partial(Measure, unit="ratio", format=Format.RATIO, better="higher")
rate = partial(Measure, format=Format.RATE, better="higher")
number = partial(Measure, format=Format.NUMBER, better="lower")
REGISTERED = (
    share(
        "accuracy",
        "Accuracy",
        "hidden inputs answered correctly, with its Wilson interval; computed from the "
        "answers that were timed",
        column="accuracy",
    ),
    share(
        "macro_f1",
        "Macro F1",
        "mean over the classes of the harmonic mean of precision and recall",
        is_detail=True,
    ),
    share(
        "corrupted_accuracy",
        "Corrupted accuracy",
        "tasks with `corruptions`: corrupted copies of hidden pictures, asked after the timed"
        " phase, answered correctly, with the Wilson interval",
    ),
    *(
        share(f"corrupted_{way}_accuracy", f"Corrupted {way} accuracy", f"the same for {way} alone")
        for way in CORRUPTIONS
    ),
    share(
        "worst_class_accuracy",
        "Worst class accuracy",
        "tasks with `corruptions`: the share of inputs answered correctly in the class where "
        "it is smallest, with its Wilson interval",
    ),
    share(
        "calibration_error",
        "Calibration error",
        "tasks with `corruptions`: expected calibration error of the timed answers, with a "
        "bootstrap interval",
        better="lower",
    ),
    share(
        "responsible_accuracy",
        "Responsible accuracy",
        "mean of `worst_class_accuracy`, `corrupted_accuracy` and 1 - `calibration_error`, "
        "with a bootstrap interval",
    ),
    number(
        "mean_absolute_error",
        "Mean absolute error",
        "`regression`: mean distance between hidden targets and predictions, with its 95 % "
        "interval",
        column="error",
        unit="target units",
    ),
    number(
        "root_mean_squared_error",
        "Root mean squared error",
        "`regression`: root of the mean squared distance between hidden targets and predictions",
        is_detail=True,
        unit="target units",
    ),
    share(
        "explained_variance",
        "Explained variance",
        "`regression`: R squared; 1 for perfect predictions, 0 for always predicting the mean, "
        "below 0 for worse",
        is_detail=True,
    ),
    number(
        "bits_per_character",
        "Bits per character",
        "`language`: what the hidden characters cost, normalised by the grader in double "
        "precision, with an interval over windows",
        suffix="bits",
        column="bits",
        unit="bits a character",
    ),
    number(
        "frechet_distance",
        "Fréchet distance",
        "`generation`: between hidden and generated pictures in the features of a frozen "
        "network; the interval comes from five parts of the pictures",
        column="distance",
        unit="distance",
    ),
    number(
        "cases",
        "Cases passed",
        "function tasks: cases answered correctly",
        format=Format.CASES,
        column="cases",
        unit="share of cases",
    ),
    seconds(
        "train_seconds",
        "Training time",
        "from the request to train until its reply, by the host's clock",
        column="training",
    ),
    seconds(
        "latency_seconds",
        "Latency",
        "median of the calls with one input, with quartiles",
        column="latency",
    ),
    seconds(
        "latency_p90_seconds",
        "Latency, 90th percentile",
        "90th percentile of the same calls; absent below 64 calls",
        is_detail=True,
    ),
    rate(
        "throughput_per_second",
        "Throughput",
        "from the median call with a full batch",
        column="/s",
        unit="inputs a second",
    ),
    rate(
        "reading_per_second",
        "Reading speed",
        (
            "`language`: from the median call for logits; `throughput_per_second` is the speed of "
            "writing"
        ),
        is_detail=True,
        unit="characters a second",
    ),
    seconds(
        "null_latency_seconds",
        "Latency of the wire alone",
        "the same calls to a submission that answers with zeros: what the wire alone costs",
        better="none",
        is_detail=True,
    ),
    ratio(
        "latency_ratio",
        "Latency ratio",
        "par's time divided by the submission's with one input; median over pairs of slices, "
        "with quartiles",
        is_detail=True,
    ),
    ratio(
        "throughput_ratio",
        "Throughput ratio",
        "the same for full batches",
        is_detail=True,
    ),
    ratio(
        "reading_ratio",
        "Reading ratio",
        "`language`: par's time divided by the submission's in calls for logits",
        is_detail=True,
    ),
    ratio(
        "writing_ratio",
        "Writing ratio",
        "`language`: the same for calls that continue a text",
        is_detail=True,
    ),
    ratio(
        "speed_ratio",
        "Speed ratio",
        "geometric mean of the ratios that count, with its bootstrap interval; above 1 means "
        "faster than par",
        column="speed",
    ),
    ratio(
        "par_slowdown",
        "Par beside the submission",
        "par's seconds a call in the timed phases, beside the frozen submission, divided by its "
        "seconds once the submission's box has ended: the presence test, see "
        "[measuring.md](measuring.md#the-presence-test); 1 is expected",
        better="none",
        is_detail=True,
    ),
    size(
        "peak_memory_bytes",
        "Peak memory",
        "the most that everything in the box held at any one time; on a GPU, the GPU's "
        "memory, sampled, see [gpu.md](gpu.md)",
        column="memory",
    ),
    size(
        "host_memory_bytes",
        "Host memory",
        "on a GPU: the same figure for the host's memory; not scored",
        is_detail=True,
    ),
    ratio(
        "memory_ratio",
        "Memory ratio",
        "par's peak divided by the submission's, each counted as at least 64 MiB; above 1 "
        "means smaller than par",
        column="small",
    ),
    share(
        "perturbed_gap",
        "Accuracy lost on perturbed copies",
        "accuracy on hidden inputs minus accuracy on slightly perturbed copies of them, with "
        "the interval for paired shares; above 0 means that accuracy was lost",
        better="lower",
    ),
    share(
        "fresh_gap",
        "Accuracy lost on perturbed copies of unasked inputs",
        "accuracy in the timed phase minus accuracy on slightly perturbed copies of hidden inputs "
        "that are asked in no other way, with Newcombe's interval for independent shares",
        better="lower",
    ),
    share(
        "repeat_gap",
        "Accuracy lost when asked again",
        "the same for hidden inputs that were asked in batches, when they are asked again in "
        "the very same batches",
        better="lower",
    ),
    share(
        "batch_gap",
        "Accuracy lost in other batches",
        "the same for those inputs in another order and in batches of three quarters the size",
        better="lower",
    ),
    share(
        "repeat_same",
        "Same label when asked again",
        "how many of the inputs kept their label when they were asked again in the same "
        "batches, with Wilson's interval",
        is_detail=True,
    ),
    share(
        "batch_same",
        "Same label in other batches",
        "how many of the inputs kept their label in other batches, with Wilson's interval",
        is_detail=True,
    ),
    share(
        "alone_same",
        "Same answer when asked alone",
        "the same for inputs asked alone: 64 of those that were asked in batches, or 512 if one "
        "of the 64 did not keep its label. `language`: how many of 64 windows get the same "
        "logits when asked alone, measured where neighbours in the batch changed some",
        is_detail=True,
    ),
    share(
        "alone_accuracy",
        "Accuracy, one by one",
        "accuracy of the inputs that were asked alone in the timed phase, with Wilson's interval",
        is_detail=True,
    ),
    share(
        "alone_gap",
        "Accuracy lost when asked alone",
        "accuracy of inputs asked in batches in the timed phase minus accuracy of others asked "
        "alone before, with Newcombe's interval for independent shares",
        better="lower",
        is_detail=True,
    ),
    share(
        "retrain_accuracy",
        "Accuracy, trained again",
        "only with `--audit retrain`: accuracy after a second training with the classes "
        "renumbered, with its Wilson interval",
    ),
    share(
        "retrain_gap",
        "Accuracy lost, trained again",
        "accuracy minus `retrain_accuracy`, with the interval for paired shares",
        better="lower",
    ),
    share(
        "length_matched_accuracy",
        "Accuracy where lengths match",
        "texts: accuracy of the timed answers to a random selection of hidden texts in which "
        "each number of words is equally frequent in every class, with its Wilson interval; "
        "going by the number of words alone is no better than chance",
    ),
    share(
        "shuffled_accuracy",
        "Accuracy, words shuffled",
        "texts: accuracy on up to 2,000 hidden texts whose words were shuffled, with its "
        "Wilson interval",
        better="none",
    ),
    share(
        "shuffled_same",
        "Same answer, words shuffled",
        "texts: how many of those got the same class as in the timed answer, with its Wilson "
        "interval; a bag of words reaches 1",
        better="none",
    ),
    number(
        "alone_bits",
        "Bits lost when asked alone",
        "`language`: how much more characters cost in those 64 windows when they are asked "
        "alone, with an interval over windows",
        suffix="bits",
        is_detail=True,
        unit="bits a character",
    ),
    number(
        "alone_more_bits",
        "Bits lost when asked alone at first",
        "`language`: how much more characters cost in windows that are asked alone before any "
        "batch, than in other windows in batches",
        suffix="bits",
        is_detail=True,
        unit="bits a character",
    ),
    number(
        "alone_more_error",
        "Error added when asked alone",
        "`regression`: mean absolute error of inputs asked alone in the timed phase, minus that of "
        "others asked in batches",
        is_detail=True,
        unit="target units",
    ),
    number(
        "perturbed_bits",
        "Bits lost on perturbed texts",
        "`language`: how much more unchanged characters cost in windows of which 3 % of the "
        "characters were replaced, and that are asked in no other way, than characters of others",
        suffix="bits",
        is_detail=True,
        unit="bits a character",
    ),
    share(
        "greedy_share",
        "Share of greedy choices",
        "`language`: written characters that the model's own logits rank first",
        is_detail=True,
    ),
    share(
        "distinct_share",
        "Share of distinct runs",
        "`language`: runs of four written characters that are distinct",
        is_detail=True,
    ),
    share(
        "prompt_copied_share",
        "Share copied from the prompt",
        "`language`: runs of twelve written characters that occur in the prompt",
        better="lower",
        is_detail=True,
    ),
    share(
        "copied_share",
        "Share copied from training data",
        "`language`: runs of 24 written characters that occur in the training text. "
        "`generation`: pictures nearer to a training picture than 99 % of hidden ones are",
        better="lower",
        is_detail=True,
    ),
    share(
        "moved_copies_share",
        "Share copied from training data with small changes",
        "`generation`: of 250 drawn pictures, those that fit one training picture, turned, moved, "
        "bent or drawn thicker, and no other, as 1 % of hidden pictures do at most",
        better="lower",
        is_detail=True,
    ),
    share(
        "precision",
        "Precision",
        "`generation`: generated pictures that lie among real ones",
        is_detail=True,
    ),
    share(
        "recall",
        "Recall",
        "`generation`: real pictures that lie among generated ones",
        is_detail=True,
    ),
    share(
        "coverage",
        "Coverage",
        "`generation`: real pictures with a generated one nearby",
        is_detail=True,
    ),
    number(
        "density",
        "Density",
        "`generation`: how many real neighbourhoods a generated picture lies in, divided by five",
        better="higher",
        suffix="neighbourhoods",
        is_detail=True,
        unit="neighbourhoods",
    ),
    share(
        "class_balance",
        "Class balance",
        "`generation`: entropy of the generated digits, divided by its maximum",
        is_detail=True,
    ),
)
MEASURES = {measure.id: measure for measure in REGISTERED}


def find(measure_id: str, unit: str = "") -> Measure:
    """Return the entry of a measurement, or one made from its id and unit if it is not registered.

    The label of such an entry comes from a file and is as hostile as any text in it.
    """
    registered = MEASURES.get(measure_id)
    if registered is not None:
        return registered
    label = measure_id.removesuffix("_seconds").replace("_", " ").capitalize()
    form = format_of(measure_id, unit)
    return Measure(measure_id, label, "", unit, form, "none", suffix=unit, is_detail=True)


def format_of(measure_id: str, unit: str) -> Format:
    """Guess how an unregistered measurement is shown from its unit, or else from its id."""
    unit = unit.lower()
    if unit == "share of cases":
        return Format.CASES
    if any(word in unit for word in ("share", "fraction", "proportion")):
        return Format.SHARE
    if unit in ("s", "second", "seconds") or measure_id.endswith("_seconds"):
        return Format.SECONDS
    if unit in ("b", "byte", "bytes") or measure_id.endswith("_bytes"):
        return Format.BYTES
    if unit == "ratio" or measure_id.endswith("_ratio"):
        return Format.RATIO
    if unit.endswith((" a second", "per second")) or measure_id.endswith("_per_second"):
        return Format.RATE
    return Format.NUMBER


def unit_in_words(unit: str) -> str:
    """Return a stored unit as people read it: "inputs a second" is "inputs per second".

    Units are part of stored results and never change, so they are only shown in other words.
    """
    noun, a, whole = unit.rpartition(" a ")
    return f"{noun} per {whole}" if a else unit


def documentation() -> str:
    """Return the table of all measurements, as docs/measure/results-format.md shows it."""
    rows = [f"| `{each.id}` | {each.unit} | {each.doc} |" for each in REGISTERED]
    return "\n".join(("| name | unit | meaning |", "|---|---|---|", *rows)) + "\n"
