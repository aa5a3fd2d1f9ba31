"""Learn to tell favourable reviews from others.

As it stands, the model reads only five words, and hardly trains.
"""

import re
from collections import Counter

import torch
from torch import nn

# Each of the most frequent words gets a number; 0 stands for all the others.
VOCABULARY = 1000
# How many words of a review are read.
LENGTH = 5
STEPS = 50
BATCH = 32
LEARNING_RATE = 1e-3


def words_of(text):
    return re.findall(r"[a-z']+", text.lower())


class Model(nn.Module):
    """Turns word numbers (n, t) into scores (n, 2).

    Here the scores come from the mean of the words, whatever their order.
    """

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, 16)
        self.head = nn.Linear(16, 2)

    def forward(self, tokens):
        return self.head(self.embedding(tokens).mean(dim=1))


def train(data):
    """Return a function from a list of n texts to scores (n, 2).

    data.inputs: a list of texts
    data.labels: int64 numbers, one per text: 1 where the review is favourable, 0 elsewhere
    """
    counts = Counter(word for text in data.inputs for word in words_of(text))
    numbers = {word: i for i, (word, _) in enumerate(counts.most_common(VOCABULARY - 1), start=1)}

    def encode(texts):
        tokens = torch.zeros(len(texts), LENGTH, dtype=torch.int64)
        for row, text in zip(tokens, texts, strict=True):
            for place, word in enumerate(words_of(text)[:LENGTH]):
                row[place] = numbers.get(word, 0)
        return tokens

    model = Model()
    inputs, labels = encode(data.inputs), torch.from_numpy(data.labels)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    for step in range(STEPS):
        drawn = torch.randint(len(inputs), (BATCH,))
        loss = nn.functional.cross_entropy(model(inputs[drawn]), labels[drawn])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            print(f"step {step}: loss {loss.item():.4f}")

    def answer(texts):
        with torch.no_grad():
            return model(encode(texts))

    return answer
