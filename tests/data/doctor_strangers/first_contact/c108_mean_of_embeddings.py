# task: imdb
# mistake: none
import re
from collections import Counter

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence


def tokenise(text):
    return re.findall(r"\w+", text.lower().replace("<br />", " "))[-200:]


class Mean(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.emb = nn.Embedding(size, 32, padding_idx=0)
        self.fc = nn.Linear(32, 2)

    def forward(self, ids):
        mask = (ids != 0).unsqueeze(-1).float()
        mean = (self.emb(ids) * mask).sum(1) / mask.sum(1).clamp(min=1)
        return self.fc(mean)


def train(data):
    words = Counter(w for t in data.inputs for w in tokenise(t))
    vocab = {w: i + 2 for i, (w, _) in enumerate(words.most_common(8000))}

    def encode(texts):
        rows = [torch.tensor([vocab.get(w, 1) for w in tokenise(t)] or [1]) for t in texts]
        return pad_sequence(rows, batch_first=True)

    model = Mean(len(vocab) + 2)
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    X = encode(data.inputs)
    y = torch.tensor(data.labels)
    for epoch in range(6):
        for idx in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(model(X[idx]), y[idx])
            loss.backward()
            opt.step()

    @torch.no_grad()
    def answer(texts):
        return model(encode(texts))

    return answer
