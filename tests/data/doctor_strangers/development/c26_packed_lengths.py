# task: imdb
# mistake: none
# resembles: padded_last_state: lengths are packed
import re
from collections import Counter

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence


class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.e = nn.Embedding(n, 24, padding_idx=0)
        self.r = nn.GRU(24, 24, batch_first=True, bidirectional=True)
        self.o = nn.Linear(48, 2)

    def forward(self, tokens, lengths):
        packed = pack_padded_sequence(self.e(tokens), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.r(packed)
        return self.o(torch.cat([h[0], h[1]], 1))


def train(data):
    words = [re.findall("[a-z]+", t.lower())[:100] for t in data.inputs]
    count = Counter(w for row in words for w in row)
    index = {w: i for i, (w, _) in enumerate(count.most_common(2500), 2)}

    def batch(rows):
        ids = [torch.tensor([index.get(w, 1) for w in r] or [1]) for r in rows]
        return pad_sequence(ids, batch_first=True), torch.tensor([len(i) for i in ids])

    net, labels = Net(2502), torch.tensor(data.labels)
    opt = torch.optim.Adam(net.parameters(), 4e-3)
    for epoch in range(3):
        for pick in torch.randperm(len(words)).split(32):
            opt.zero_grad()
            nn.functional.cross_entropy(net(*batch([words[i] for i in pick.tolist()])), labels[pick]).backward()
            opt.step()
    net.eval()

    def answer(texts):
        with torch.no_grad():
            return net(*batch([re.findall("[a-z]+", t.lower())[:100] for t in texts])).numpy()

    return answer
