"""Places in the source: a rule sees its mistake as other people write it, and nothing that merely
resembles it.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest
from support.paths import ROOT

from grader.doctor.entries import catalogue
from grader.doctor.rules.finder import RULES, places
from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import Code, number

HEAD = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"

TRAIN = """
def train(data):
    {train}
    return fit(x, torch.from_numpy(data.labels))


def predict(model, inputs):
    {predict}
    return model(x)
"""

CALLBACK = """
class Lower:
    def before_fit(self, run):
        self.schedule = torch.optim.lr_scheduler.StepLR(run.optimizer, 1, gamma=0.7)

    def {when}(self, run):
        self.schedule.step()


def fit(run, callbacks):
    for epoch in range(5):
        for x, y in run.batches:
            run.optimizer.step()
            for each in callbacks:
                getattr(each, "after_batch")(run)
        for each in callbacks:
            getattr(each, "after_epoch")(run)
"""

HELPER = """
def one_epoch(model, batches, optimizer, schedule):
    for x, y in batches:
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        {inside}


def train(data, model, optimizer):
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.8)
    for epoch in range(5):
        one_epoch(model, data.loader(32), optimizer, schedule)
        {after}
"""

FOLDS = """
def train(data, model):
    for fold in range(5):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1)
        for epoch in range(5):
            for x, y in data.loader(32):
                optimizer.step()
            schedule.step()
"""


def test_every_rule_serves_an_entry() -> None:
    used: set[str] = set()
    for entry in catalogue().values():
        used.update(entry.source)
        signs = [condition for sign in entry.signs for condition in sign.all]
        for condition in (*signs, *entry.unless):
            used.update(name.removeprefix("source_") for name in condition.names())
    of_rehearsals = {"counts_on_size"}
    assert RULES.keys() <= used | of_rehearsals
    assert all(each.about for each in RULES.values())


def test_two_rules_cannot_have_one_name() -> None:
    def no_step(code: Code) -> Iterator[ast.AST]:
        yield from code.all_nodes()

    with pytest.raises(ValueError, match="two rules are called no_step"):
        rule("a second one")(no_step)


def test_the_child_that_reads_source_imports_nothing_heavy() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import grader.doctor.rules.finder; "
        "print(*(name for name in ('numpy', 'pydantic', 'torch') if name in sys.modules))"
    )
    command = [sys.executable, "-I", "-B", "-c", program, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


def found(text: str) -> set[str]:
    return {rule for rule, _ in places(Code([ast.parse(HEAD + text)]))}


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("x = inputs.reshape(60000, 784)", True),
        ("x = inputs.reshape((60000, 28, 28, 1))", True),
        ("x = np.reshape(inputs, [60000, 784])", True),
        ("x = inputs.reshape(-1, 784)", False),
        ("x = np.reshape(inputs, (-1, 784))", False),
        ("x = inputs.view(len(inputs), 784)", False),
        ("x = inputs[:50000]", True),
        ("for row in range(60000): pass", True),
    ],
)
def test_the_size_of_one_example_is_not_a_number_of_examples(text: str, counts: bool) -> None:
    assert ("counts_on_size" in found(text)) is counts


@pytest.mark.parametrize(
    ("text", "is_place"),
    [
        (CALLBACK.format(when="after_batch"), True),
        (CALLBACK.format(when="after_epoch"), False),
        (HELPER.format(inside="schedule.step()", after="pass"), True),
        (HELPER.format(inside="pass", after="schedule.step()"), False),
        (FOLDS, False),
    ],
)
def test_what_is_called_with_every_batch_is_seen_across_functions(
    text: str, is_place: bool
) -> None:
    assert ("scheduler_in_batches" in found(text)) is is_place


@pytest.mark.parametrize(
    ("train", "predict", "is_place"),
    [
        ("x = torch.tensor(data.inputs) / 255", "x = torch.tensor(inputs)", True),
        ("x = torch.tensor(data.inputs) / 255", "x = torch.tensor(inputs) / 255 / 255", True),
        (
            "x = (torch.tensor(data.inputs) / 255 - 0.5) / 0.25",
            "x = torch.tensor(inputs) / 255",
            True,
        ),
        ("x = data.loader(64)", "x = torch.tensor(inputs)", True),
        ("x = torch.tensor(data.inputs).float().div(255)", "x = torch.tensor(inputs)", True),
        ("x = torch.tensor(data.inputs) / 255", "x = torch.tensor(inputs) / 128", True),
        # the same in other words
        ("x = data.loader(64)", "x = torch.as_tensor(inputs).float().div(255).unsqueeze(1)", False),
        ("x = torch.tensor(data.inputs) / 255.0", "x = torch.tensor(inputs).mul(1 / 255)", False),
        (
            "x = torch.tensor(data.inputs) / 255",
            "inputs = inputs * (1 / 255)\n    x = torch.tensor(inputs)",
            False,
        ),
        (
            "pictures = torch.tensor(data.inputs)\n    x = pictures / 255",
            "x = torch.tensor(inputs) / 255",
            False,
        ),
        (
            "x, far = data.inputs[:900] / 255, data.inputs[900:] / 255",
            "x = torch.tensor(inputs) / 255",
            False,
        ),
        # nothing is compared that is not understood
        ("x = data.inputs / data.inputs.std()", "x = (inputs - model.mean) / model.spread", False),
        ("x = Normalize(0.1, 0.3)(data.inputs / 255)", "x = torch.tensor(inputs) / 255", False),
        (
            "x = torch.cat([torch.tensor(data.inputs) / 255] * 10)",
            "x = torch.tensor(inputs) / 255",
            False,
        ),
        (
            "x = torch.tensor(data.inputs) / 255\n    print(1 / 100)",
            "x = torch.tensor(inputs) / 255",
            False,
        ),
    ],
)
def test_a_preparation_is_another_one_where_that_is_sure(
    train: str, predict: str, is_place: bool
) -> None:
    assert ("scaled_once" in found(TRAIN.format(train=train, predict=predict))) is is_place


@pytest.mark.parametrize(
    ("train", "predict", "is_place"),
    [
        ("x = prepared(data.inputs)", "x = torch.tensor(inputs)", True),
        (
            "x = prepared(data.inputs)\n    check(prepared(data.inputs[:5]))",
            "x = prepared(inputs)",
            False,
        ),
        ("x = moved(prepared(data.inputs))", "x = prepared(inputs)", False),
        ("x = prepared(data.inputs)", "x = torch.tensor(inputs) / 255", False),
        ("x = prepared(load())", "x = torch.tensor(inputs)", False),
    ],
)
def test_what_a_function_does_is_not_compared_with_what_another_does(
    train: str, predict: str, is_place: bool
) -> None:
    ways = (
        "\ndef prepared(array):\n    return torch.tensor(array) / 255\n\n\n"
        "def moved(x):\n    return x * 0.05 + x\n"
    )
    assert ("scaled_once" in found(ways + TRAIN.format(train=train, predict=predict))) is is_place


def test_what_a_class_does_out_of_sight_is_no_other_preparation() -> None:
    parts = (
        "class Pictures:\n    def __getitem__(self, i):\n        return self.pictures[i] / 255\n",
        "class Trainer:\n    def __init__(self, data):\n"
        "        self.pictures = Pictures(data.inputs)\n",
    )
    text = TRAIN.format(train="x = Trainer(data)", predict="x = torch.tensor(inputs) / 255")
    assert "scaled_once" not in found("\n".join(["", *parts, text]))
    assert "scaled_once" in found(text)


@pytest.mark.parametrize(
    "layer", ["nn.BatchNorm2d(1)", "nn.LayerNorm(784)", "nn.GroupNorm(2, 8)", "F.layer_norm(x)"]
)
def test_a_normalisation_scales_as_well(layer: str) -> None:
    raw = "\ndef train(data):\n    return fit(nn.Sequential(nn.Linear(784, 10)), data.inputs)\n"
    assert "raw_pixels" in found(raw)
    assert "raw_pixels" not in found(raw + f"\nfirst = {layer}\n")


@pytest.mark.parametrize(
    ("line", "is_place"),
    [
        ("w += 0.1 * w.grad", True),
        ("w.data.add_(0.1 * w.grad)", True),
        ("w.data += w.grad * rate", True),
        ("w.add_(w.grad, alpha=-0.1)", False),
        ("w -= 0.1 * w.grad", False),
        ("speed[w] += w.grad", False),
        ("speed.mul_(0.9).add_(w.grad)", False),
        ("w += -rate * other", False),
    ],
)
def test_only_a_weight_climbs_by_its_own_gradient(line: str, is_place: bool) -> None:
    assert ("climbs" in found(f"\nfor w in weights:\n    {line}\n")) is is_place


@pytest.mark.parametrize(
    ("text", "is_place"),
    [
        ("x, y = x[:128], y[:128]", True),
        ("model.fit(x_train[:200], y_train[:200])", True),
        ("model(x[:1])", False),
        ("print('the first', score(x[:500], y[:500]))", False),
    ],
)
def test_a_look_at_the_first_few_is_no_training_on_them(text: str, is_place: bool) -> None:
    assert ("few_copies" in found(f"\n{text}\n")) is is_place


@pytest.mark.parametrize(
    ("text", "is_place"),
    [
        ("softmax = nn.Softmax(dim=1)\nshares = softmax(scores)", False),
        ("softmax = nn.Softmax(dim=0)\nshares = softmax(scores)", True),
        ("shares = nn.Softmax()(scores)", True),
        ("shares = F.softmax(scores)", True),
    ],
)
def test_an_axis_is_asked_of_the_layer_and_not_of_its_call(text: str, is_place: bool) -> None:
    assert ("softmax_over_batch" in found(f"\n{text}\n")) is is_place


LOOPED = """
class Net(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.parts = {layers}

    def forward(self, x):
        for part in self.parts:
            x = part(x)
        return x
"""


@pytest.mark.parametrize(
    ("layers", "is_place"),
    [
        ('[Dense(n, activation="relu") for n in sizes]', True),
        ('[Dense(9, activation="relu"), Dense(10)]', False),
        ("nn.ModuleList([nn.Linear(784, 10), nn.ReLU()])", True),
        ("nn.ModuleList(nn.Linear(n, n) for n in sizes)", False),
        ("nn.Sequential(nn.Linear(784, 10), nn.ReLU())", True),
        ("made(sizes)", False),
    ],
)
def test_layers_that_are_called_in_a_loop_end_with_the_last(layers: str, is_place: bool) -> None:
    assert ("relu_last" in found(LOOPED.format(layers=layers))) is is_place


@pytest.mark.parametrize(
    ("text", "is_place"),
    [
        ("net = Sequential([Dense(64), Dense(10)])", True),
        ("net = Sequential([Dense(64, 'relu'), Dense(10)])", False),
        ("net = Sequential([Dense(64), Activation('relu'), Dense(10)])", False),
        ("net.add(Dense(64, activation='linear'))\nnet.add(Dense(10, activation='softmax'))", True),
        ("net.add(Dense(64, activation='tanh'))\nnet.add(Dense(10))", False),
        ("for n in sizes:\n    net.add(Dense(n))", True),
        ("for n in sizes:\n    net.add(Dense(n))\n    net.add(ReLU())\nnet.add(Dense(10))", False),
        ("first.add(Dense(64))\nsecond.add(Dense(10))", False),
        ("chosen.add(number)\nchosen.add(other)", False),
    ],
)
def test_layers_in_a_row_are_seen_where_keras_adds_them(text: str, is_place: bool) -> None:
    assert ("linear_after_linear" in found(f"\n{text}\n")) is is_place


@pytest.mark.parametrize(
    ("text", "is_place"),
    [
        ("nn.Dropout(0.95)", True),
        ("share = 0.9\nnn.Dropout(share)", True),
        (
            "class Settings:\n    drop: float = 0.95\n\n\nself.drop = nn.Dropout(settings.drop)",
            True,
        ),
        ("def made(drop=0.9):\n    return nn.Dropout(drop)", True),
        ("def made(drop=0.9):\n    return nn.Dropout(drop)\n\n\nmade(drop=0.2)", False),
        ("def made(*, width, drop=0.2):\n    return nn.Dropout(drop)", False),
        ("nn.Dropout(unknown)", False),
    ],
)
def test_a_number_is_followed_to_where_it_is_given(text: str, is_place: bool) -> None:
    assert ("high_dropout" in found(f"\n{text}\n")) is is_place


@pytest.mark.parametrize(
    ("text", "is_place"),
    [
        ("parts = {'w': torch.full((784, 10), 0.01), 'b': torch.zeros(10)}", True),
        ("self.W1 = np.ones((784, 10)) * 0.01", True),
        ("bias = np.ones((1, 10))", False),
        ("weights = np.ones(10)", False),
        ("W = np.zeros((784, 10))", False),
    ],
)
def test_weights_made_by_hand_start_equal_as_well(text: str, is_place: bool) -> None:
    assert ("equal_init" in found(f"\n{text}\n")) is is_place


@pytest.mark.parametrize(("way", "is_place"), [("True", True), ("False", False)])
def test_two_loaders_that_shuffle_do_not_go_together(way: str, is_place: bool) -> None:
    plain = (
        f"xs = DataLoader(x, shuffle={way})\nys = DataLoader(y, shuffle={way})\n"
        "for a, b in zip(xs, ys):\n    pass\n"
    )
    other = (
        f"def loaded(a):\n    return DataLoader(a, shuffle={way})\n\n\n"
        "xs, ys = 1, 2\nzip(loaded(x), loaded(y))\n"
    )
    for text in (plain, other):
        assert ("fresh_order" in found(f"\n{text}")) is is_place


@pytest.mark.parametrize(
    ("body", "is_place"),
    [
        ("    net = clone_model(net)\n    net.fit(x, y)\n    return net.history", True),
        ("    net = copy.deepcopy(net)\n    net.fit(x, y)", True),
        ("    net = clone_model(net)\n    net.fit(x, y)\n    return net", False),
        ("    net = clone_model(net)\n    net.fit(x, y)\n    return {'net': net.eval()}, 1", False),
        ("    best = copy.deepcopy(net)\n    net.fit(x, y)\n    return best", False),
        ("    x = copy.deepcopy(y)\n    return 1", False),
    ],
)
def test_a_copy_that_is_trained_and_forgotten_is_seen(body: str, is_place: bool) -> None:
    assert ("trains_a_copy" in found(f"\ndef learn(net, x, y):\n{body}\n")) is is_place


def test_keras_knows_by_itself_when_it_is_asked() -> None:
    text = "from keras import layers\n\nhidden = layers.Dropout(0.5)\n"
    assert {rule for rule, _ in places(Code([ast.parse(text)]))} == {"uses_dropout"}
    assert "dropout_without_eval" in found("\nhidden = nn.Dropout(0.5)\n")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 / 255", 1 / 255),
        ("-2 * 3", -6.0),
        ("1 / 0", None),
        ("rate / 2", None),
        ("'a' * 3", None),
    ],
)
def test_a_quotient_of_literals_is_a_number(text: str, value: float | None) -> None:
    assert number(ast.parse(text, mode="eval").body) == value


BY_HAND = """
import numpy as np

def forward(x):
    h = np.tanh(x @ W1 + b1)
    return h, softmax(h @ W2 + b2)

def step(x, y):
    h, p = forward(x)
    d = (p - np.eye(10)[y]) / len(x)
    dh = d @ W2.T
    {slope}
    W2 {moved}= 0.1 * h.T @ d
    W1 {moved}= 0.1 * np.dot(x.T, {passed})
"""


@pytest.mark.parametrize(
    ("slope", "passed", "is_place"),
    [
        ("b1 -= dh.sum(axis=0)", "dh", True),
        ("db1 = np.sum(dh, axis=0)", "dh", True),
        ("dh *= 1 - h**2", "dh", False),
        ("dz = dh * (1 - h**2)", "dz", False),
        ("dz = bend(dh, h)", "dz", False),
        ("dh[h <= 0] = 0", "dh", False),
        ("pass", "dh * (1 - h**2)", False),
        ("dh = np.where(h > 0, dh, 0)", "dh", False),
    ],
)
def test_a_slope_is_missing_only_where_a_gradient_goes_on_as_it_is(
    slope: str, passed: str, is_place: bool
) -> None:
    text = BY_HAND.format(slope=slope, passed=passed, moved="-")
    places_found = {name for name, _ in places(Code([ast.parse(text)]))}
    assert ("slope_left_out" in places_found) is is_place
    no_activation = text.replace("np.tanh(x @ W1 + b1)", "x @ W1 + b1")
    places_found = {name for name, _ in places(Code([ast.parse(no_activation)]))}
    assert "slope_left_out" not in places_found


@pytest.mark.parametrize(
    ("difference", "moved", "is_place"),
    [
        ("p - y", "+", True),
        ("p - y", "-", False),
        ("y - p", "-", True),
        ("y - p", "+", False),
        ("p - before", "+", False),
        ("-(p - y)", "+", False),
        ("(y - p) / len(x)", "-", True),
    ],
)
def test_a_gradient_written_by_hand_has_a_sign(difference: str, moved: str, is_place: bool) -> None:
    for line in ("w {}= 0.1 * x.T @ d", "dw = x.T.dot(d) / len(x)\nw {}= 0.1 * dw"):
        text = f"p = softmax(x @ w)\nd = {difference}\n{line.format(moved)}\n"
        places_found = {name for name, _ in places(Code([ast.parse(text)]))}
        assert ("climbs_by_hand" in places_found) is is_place


@pytest.mark.parametrize(
    ("line", "is_place"), [("X = shuffle(X)", True), ("X, y = shuffle(X, y)", False)]
)
def test_two_arrays_shuffled_in_one_call_stay_together(line: str, is_place: bool) -> None:
    assert ("fresh_order" in found(f"\n{line}\n")) is is_place


IN_A_LOOP = """
for x, y in batches:
    {first}
    {second}
    loss.requires_grad = True
    loss.backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("rule", "text", "is_place"),
    [
        ("picks_over_batch", "answers = net(x)\n_, best = torch.max(answers, 0)", True),
        ("picks_over_batch", "answers = net(x)\nbest = answers.max(0)[1]", True),
        ("picks_over_batch", "answers = net(x)\nbest = answers.max(1)[1]", False),
        ("picks_over_batch", "answers = net(x)\nlargest = answers.max(0)[0]", False),
        ("picks_over_batch", "pixels = load(x)\n_, best = pixels.max(0)", False),
        ("low_by_name", "model.compile('adagrad', 'mse')", True),
        ("low_by_name", "model.compile('adam', 'mse')", False),
        (
            "cut_loss",
            IN_A_LOOP.format(
                first="with torch.no_grad():", second="    loss = criterion(net(x), y)"
            ),
            True,
        ),
        ("cut_loss", IN_A_LOOP.format(first="if True:", second="    loss = f(net(x), y)"), False),
    ],
)
def test_a_mistake_is_seen_however_it_is_written(rule: str, text: str, is_place: bool) -> None:
    assert (rule in found(f"\n{text}\n")) is is_place


@pytest.mark.parametrize(
    ("given", "is_place"),
    [
        ("tokens.float()", True),
        ("tokens.unsqueeze(-1).to(torch.float32)", True),
        ("tokens[..., None].type(torch.float)", True),
        ("tokens.to(self.device)", False),
        ("pictures.unsqueeze(-1).float()", False),
    ],
)
def test_the_number_of_a_character_is_no_amount(given: str, is_place: bool) -> None:
    network = (
        "\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        self.rnn = nn.GRU(1, 8)\n"
        f"    def forward(self, tokens):\n        return self.rnn({given})\n"
    )
    assert ("tokens_as_quantities" in found(network)) is is_place


TWO_SETS = """
from torchvision import datasets, transforms
prepared = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
plain = {plain}
first = datasets.MNIST("data", train=True, transform={first})
second = datasets.MNIST("data", train=False, transform=plain)
"""


@pytest.mark.parametrize(
    ("plain", "first", "is_place"),
    [
        ("transforms.ToTensor()", "prepared", True),
        ("transforms.Compose([transforms.ToTensor()])", "prepared", True),
        ("transforms.ToTensor()", "plain", False),
        ("prepared", "prepared", False),
        ("made_elsewhere()", "prepared", False),
        ("transforms.Compose([transforms.ToTensor(), own])", "prepared", False),
    ],
)
def test_a_transform_normalises_for_training_and_for_answers(
    plain: str, first: str, is_place: bool
) -> None:
    assert ("normalised_once" in found(TWO_SETS.format(plain=plain, first=first))) is is_place


@pytest.mark.parametrize(
    ("rule", "text", "is_place"),
    [
        ("not_called", "for x in batches:\n    optimizer.step", True),
        ("not_called", "for x in batches:\n    optimizer.step()", False),
        ("not_called", "move = optimizer.step", False),
        ("log_softmax_over_batch", "loss = F.nll_loss(F.log_softmax(scores, dim=0), y)", True),
        ("log_softmax_over_batch", "loss = F.nll_loss(F.log_softmax(scores, dim=1), y)", False),
        ("high_rate", "torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9)", True),
        ("high_rate", "torch.optim.SGD(net.parameters(), lr=0.5)", False),
        ("compares_labels", "loss = nn.CrossEntropyLoss()(scores, y)", False),
        ("compares_labels", "f = nn.CrossEntropyLoss()\nloss = f(scores, y)", True),
    ],
)
def test_a_place_is_where_the_mistake_is_written(rule: str, text: str, is_place: bool) -> None:
    assert (rule in found(f"\n{text}\n")) is is_place


@pytest.mark.parametrize(
    ("weights", "is_place"),
    [
        ("W1 = np.zeros((64, 32))\nW2 = np.zeros((32, 10))", True),
        ("W = np.zeros((64, 10))", False),
        ("W1 = rng.normal(0, 0.1, (64, 32))\nW2 = np.zeros((32, 10))", False),
        ("b1 = np.zeros((1, 32))\nb2 = np.zeros((1, 10))", False),
    ],
)
def test_only_several_layers_that_all_begin_at_zero_are_equal(weights: str, is_place: bool) -> None:
    code = Code([ast.parse(f"import numpy as np\n{weights}\n")])
    assert ("equal_init" in {rule for rule, _ in places(code)}) is is_place


KERAS = """
import keras
model = keras.Sequential([keras.layers.Dense(64, activation="relu"), {last}])
model.compile(optimizer="adam", loss={loss})
"""


@pytest.mark.parametrize(
    ("last", "loss", "is_place"),
    [
        ("keras.layers.Dense(10)", "'sparse_categorical_crossentropy'", True),
        ("keras.layers.Dense(10)", "keras.losses.CategoricalCrossentropy()", True),
        ("keras.layers.Dense(10, activation='softmax')", "'categorical_crossentropy'", False),
        (
            "keras.layers.Dense(10)",
            "keras.losses.SparseCategoricalCrossentropy(True)",
            False,
        ),
        (
            "keras.layers.Dense(10)",
            "keras.losses.SparseCategoricalCrossentropy(from_logits=True)",
            False,
        ),
        ("keras.layers.Dense(10), keras.layers.Softmax()", "'categorical_crossentropy'", False),
        ("keras.layers.Dense(1)", "'mse'", False),
    ],
)
def test_a_loss_of_keras_expects_shares_unless_it_is_told(
    last: str, loss: str, is_place: bool
) -> None:
    code = Code([ast.parse(KERAS.format(last=last, loss=loss))])
    assert ("scores_as_shares" in {rule for rule, _ in places(code)}) is is_place
