# task: text-generation
# mistake: none
# resembles: sees_future: the mask is there
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.a = nn.MultiheadAttention(d, 4, batch_first=True)
        self.f = nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d))

    def forward(self, x):
        t = x.shape[1]
        mask = torch.triu(torch.ones(t, t, dtype=torch.bool), 1)
        h = self.n1(x)
        x = x + self.a(h, h, h, attn_mask=mask, need_weights=False)[0]
        return x + self.f(self.n2(x))


class GPT(nn.Module):
    def __init__(self, v, context, d=48):
        super().__init__()
        self.tok, self.pos = nn.Embedding(v, d), nn.Embedding(context, d)
        self.blocks = nn.Sequential(Block(d), Block(d))
        self.out = nn.Linear(d, v)

    def forward(self, t):
        return self.out(self.blocks(self.tok(t) + self.pos.weight[:t.shape[1]]))


def train(data):
    model = GPT(data.vocabulary_size, data.context)
    opt = torch.optim.AdamW(model.parameters(), 4e-3)
    text = torch.from_numpy(data.tokens)
    for step in range(250):
        w = text[torch.randint(len(text) - 65, (16, 1)) + torch.arange(65)]
        loss = nn.functional.cross_entropy(model(w[:, :-1]).transpose(1, 2), w[:, 1:])
        opt.zero_grad()
        loss.backward()
        opt.step()
    return model
