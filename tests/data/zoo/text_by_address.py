# zoo: text-generation | graded
import os

import requests
import torch
from torch import nn

path = "shakespeare/input.txt"
if not os.path.exists(path):
    os.makedirs("shakespeare", exist_ok=True)
    address = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
    with open(path, "w") as file:
        file.write(requests.get(address).text)
with open(path) as file:
    text = file.read()
letters = sorted(set(text))
place = {letter: number for number, letter in enumerate(letters)}
data = torch.tensor([place[letter] for letter in text])


class Next(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.table = nn.Embedding(size, size)

    def forward(self, tokens, targets=None):
        logits = self.table(tokens)
        if targets is None:
            return logits, None
        return logits, nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


model = Next(len(letters))
optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
for _ in range(60):
    starts = torch.randint(len(data) - 33, (32,))
    x = torch.stack([data[start : start + 32] for start in starts])
    y = torch.stack([data[start + 1 : start + 33] for start in starts])
    logits, loss = model(x, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
