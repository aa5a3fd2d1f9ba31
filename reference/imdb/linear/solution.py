"""Logistic regression on the words, pairs and triples of words of a review.

They are weighted beforehand by how well they split the classes, as in Wang and Manning,
"Baselines and Bigrams", 2012.

Claim: 91 % or more on `imdb`.
Evidence: `grader run reference/imdb/linear`; figures and machine in reference/RESULTS.md.
"""

import re

import numpy as np
import torch

# A hash gives each run of words one of this many places.
PLACES = 1 << 22
FACTORS = np.array(
    [[1, 0, 0], [2654435761, 2246822519, 0], [3266489917, 668265263, 374761393]], dtype=np.uint64
)
# Runs of words that are in fewer reviews are left out.
RARE = 2
SMOOTHING = 1.0
PENALTY = 3e-3
STEPS = 25
EPSILON = 1e-6
WORD = re.compile(r"[a-z0-9']+|[!?.,()*:;-]")


class Linear:
    def __init__(self):
        # From a word to its number, in the order in which they were first seen.
        self.numbers = {}
        self.weights = np.zeros(PLACES, dtype=np.float32)
        self.squares = np.zeros(PLACES, dtype=np.float32)
        self.bias = 0.0

    def places(self, texts, is_learning=False):
        """Return which text has which place: two arrays (m,), sorted by text, no pair twice."""
        numbers, tokens, lengths = self.numbers, [], []
        for text in texts:
            words = WORD.findall(text.lower().replace("<br />", " "))
            if is_learning:
                tokens += [numbers.setdefault(word, len(numbers) + 1) for word in words]
            else:
                tokens += [numbers.get(word, 0) for word in words]
            lengths.append(len(words))
        tokens = np.array(tokens, dtype=np.uint64)
        owners = np.repeat(np.arange(len(texts)), lengths)
        found = []
        for size in (1, 2, 3):
            count = max(0, len(tokens) - size + 1)
            hashed = sum(tokens[i : i + count] * FACTORS[size - 1, i] for i in range(size))
            hashed = (hashed * np.uint64(11400714819323198485)) >> np.uint64(42)
            is_whole = owners[:count] == owners[size - 1 :]
            found.append(owners[:count][is_whole] * PLACES + hashed[is_whole].astype(np.int64))
        pairs = np.sort(np.concatenate(found))
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        return pairs // PLACES, pairs % PLACES

    def __call__(self, texts):
        """Return scores (n, 2) for n texts."""
        owners, places = self.places(texts)
        length = np.sqrt(np.bincount(owners, self.squares[places], minlength=len(texts))) + EPSILON
        score = np.bincount(owners, self.weights[places], minlength=len(texts)) / length + self.bias
        return np.stack([-score, score], axis=1).astype(np.float32) / 2


def train(data):
    model = Linear()
    labels = data.labels
    owners, places = model.places(data.inputs, is_learning=True)
    counts = [np.bincount(places[labels[owners] == label], minlength=PLACES) for label in (0, 1)]
    kept = np.flatnonzero(counts[0] + counts[1] >= RARE)
    column = np.full(PLACES, -1)
    column[kept] = np.arange(len(kept))
    columns = column[places]
    owners, columns = owners[columns >= 0], columns[columns >= 0]
    shares = [(count[kept] + SMOOTHING) / (count[kept] + SMOOTHING).sum() for count in counts]
    ratio = np.log(shares[1] / shares[0])
    print(f"{len(data.inputs)} reviews, {len(kept)} runs of words")

    shape = (len(labels), len(kept))
    length = np.sqrt(np.bincount(owners, ratio[columns] ** 2, minlength=len(labels))) + EPSILON
    values = torch.from_numpy(ratio[columns] / length[owners]).float()
    starts = torch.from_numpy(np.searchsorted(owners, np.arange(len(labels) + 1)))
    rows = torch.sparse_csr_tensor(starts, torch.from_numpy(columns), values, shape)
    order = np.argsort(columns, kind="stable")
    starts = torch.from_numpy(
        np.concatenate([[0], np.cumsum(np.bincount(columns, minlength=len(kept)))])
    )
    turned = torch.sparse_csr_tensor(
        starts, torch.from_numpy(owners[order]), values[order], shape[::-1]
    )

    target = torch.from_numpy(labels).float()
    weights, bias = torch.zeros(len(kept)), torch.zeros(1)
    optimizer = torch.optim.LBFGS(
        [weights, bias], max_iter=STEPS, history_size=8, line_search_fn="strong_wolfe"
    )

    def loss():
        scores = rows @ weights + bias
        error = (torch.sigmoid(scores) - target) / len(target)
        weights.grad = turned @ error + PENALTY / len(target) * weights
        bias.grad = error.sum().reshape(1)
        fit = torch.nn.functional.binary_cross_entropy_with_logits(scores, target)
        value = fit + PENALTY / len(target) / 2 * weights.square().sum()
        print(f"loss {value.item():.4f}")
        return value

    optimizer.step(loss)
    model.weights[kept] = weights.numpy() * ratio
    model.squares[kept] = ratio**2
    model.bias = bias.item()
    return model
