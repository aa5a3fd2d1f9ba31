"""One LSTM layer over characters. Par of `text-generation`.

It is trained on stretches of text, and carries its state from one to the next.

Claim: 2.4 bits a character or less on `text-generation`.
Evidence: `grader run reference/text-generation/lstm`; figures and machine in reference/RESULTS.md.
"""

import numpy as np
import torch
from torch import nn

EPOCHS = 6
BATCH, LENGTH = 64, 64
HIDDEN = 320


class Characters(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, 64)
        self.lstm = nn.LSTM(64, HIDDEN, batch_first=True)
        self.head = nn.Linear(HIDDEN, vocabulary)

    def forward(self, tokens, state=None):
        hidden, state = self.lstm(self.embedding(tokens), state)
        return self.head(hidden), state

    @torch.inference_mode()
    def generate(self, prompt, n):
        """Append the likeliest character n times.

        The state is carried on, so that nothing is read again.
        """
        logits, state = self(torch.from_numpy(prompt)[None])
        written = np.empty(n, dtype=np.int64)
        for i in range(n):
            token = logits[:, -1].argmax(dim=-1, keepdim=True)
            written[i] = token
            if i + 1 < n:
                logits, state = self(token, state)
        return written


def train(data):
    model = Characters(data.vocabulary_size)
    tokens = torch.from_numpy(data.tokens)
    columns = (len(tokens) - 1) // BATCH
    inputs = tokens[: BATCH * columns].view(BATCH, columns)
    targets = tokens[1 : BATCH * columns + 1].view(BATCH, columns)
    starts = range(0, max(1, columns - LENGTH + 1), LENGTH)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=4e-3, total_steps=EPOCHS * len(starts)
    )
    for epoch in range(EPOCHS):
        state, total = None, 0.0
        for start in starts:
            part = slice(start, start + LENGTH)
            logits, state = model(inputs[:, part], state)
            state = tuple(each.detach() for each in state)
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets[:, part].flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: {total / len(starts) / np.log(2):.3f} bits a character")
    return model
