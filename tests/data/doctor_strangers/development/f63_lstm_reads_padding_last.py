# task: imdb
# mistake: padded_last_state
# line: hidden[-1] | h[-1] | padding_value=0 | [:, -1]
# fix: return self.head(out[:, -1]) => length = (words > 0).sum(1).clamp_min(1); return self.head(out[torch.arange(len(words)), length - 1])
import re
from collections import Counter

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence


class Reader(nn.Module):
    def __init__(self, words):
        super().__init__()
        self.embed = nn.Embedding(words, 24)
        self.lstm = nn.LSTM(24, 24, batch_first=True)
        self.head = nn.Linear(24, 2)

    def forward(self, words):
        out, _ = self.lstm(self.embed(words))
        return self.head(out[:, -1])


def train(data):
    split = [re.findall(r"\w+", text.lower())[:120] for text in data.inputs]
    common = Counter(w for words in split for w in words).most_common(2000)
    number = {w: i + 2 for i, (w, _) in enumerate(common)}

    def encode(rows):
        lists = [torch.tensor([number.get(w, 1) for w in row] or [1]) for row in rows]
        lists[0] = torch.cat([lists[0], torch.zeros(300 - len(lists[0]), dtype=torch.int64)])
        return pad_sequence(lists, batch_first=True)

    model = Reader(2002)
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    labels = torch.as_tensor(data.labels)
    for epoch in range(2):
        for rows in torch.randperm(len(split)).split(64):
            batch = encode([split[int(r)] for r in rows])
            opt.zero_grad()
            nn.functional.cross_entropy(model(batch), labels[rows]).backward()
            opt.step()

    def answer(texts):
        with torch.no_grad():
            return model(encode([re.findall(r"\w+", t.lower())[:120] for t in texts])).numpy()

    return answer
