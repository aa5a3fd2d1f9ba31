"""Honest: naive Bayes on single words, in NumPy; who shuffles the words gets the same answers."""

import re
from collections import Counter

import numpy as np

WORD = re.compile(r"[a-z']+")


def words_of(text):
    return set(WORD.findall(text.lower()))


def train(data):
    counts = [Counter(), Counter()]
    for text, label in zip(data.inputs, data.labels, strict=True):
        counts[label].update(words_of(text))
    totals = [sum(count.values()) for count in counts]
    weights = {
        word: np.log((counts[1][word] + 1) / totals[1]) - np.log((counts[0][word] + 1) / totals[0])
        for word in counts[0] | counts[1]
    }

    def answer(texts):
        score = np.array([sum(weights.get(word, 0.0) for word in words_of(text)) for text in texts])
        return np.stack([-score, score], axis=1)

    return answer
