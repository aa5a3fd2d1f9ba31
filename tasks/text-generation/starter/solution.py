"""Learn to predict the next character.

As it stands, the model sees only one character, and hardly trains.
"""

import torch
from torch import nn

STEPS = 50
BATCH = 32
LEARNING_RATE = 1e-3


class Model(nn.Module):
    """Turns tokens (n, t) into logits (n, t, vocabulary): here from each token alone."""

    def __init__(self, vocabulary_size):
        super().__init__()
        self.table = nn.Embedding(vocabulary_size, vocabulary_size)

    def forward(self, tokens):
        return self.table(tokens)


def train(data):
    """Return a trained language model.

    data.text: the training text
    data.tokens: the same text as int64 numbers, shape (n,)
    data.vocabulary_size: how many different characters there are
    data.context: how many characters the model is shown at most
    data.encode(text), data.decode(tokens): from text to numbers and back
    """
    model = Model(data.vocabulary_size)
    tokens = torch.from_numpy(data.tokens)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    places = torch.arange(data.context + 1)
    for step in range(STEPS):
        starts = torch.randint(len(tokens) - data.context - 1, (BATCH, 1))
        window = tokens[starts + places]
        inputs, targets = window[:, :-1], window[:, 1:]
        loss = nn.functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            print(f"step {step}: loss {loss.item():.4f}")
    return model
