# task: text-generation
# mistake: none
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.emb = nn.Embedding(n, 64)
        self.gru = nn.GRU(64, 128, batch_first=True)
        self.norm = nn.LayerNorm(128)
        self.out = nn.Linear(128, n)

    def forward(self, x):
        y, _ = self.gru(self.emb(x))
        return self.out(self.norm(y))


def train(data):
    torch.manual_seed(data.seed)
    text = torch.from_numpy(data.tokens)
    model = Model(data.vocabulary_size)
    optim = torch.optim.Adam(model.parameters(), lr=4e-3)
    sched = torch.optim.lr_scheduler.OneCycleLR(optim, 4e-3, total_steps=300)
    for _ in range(300):
        at = torch.randint(0, len(text) - 65, (32,))
        chunk = text[at[:, None] + torch.arange(65)]
        logits = model(chunk[:, :-1])
        loss = nn.functional.cross_entropy(
            logits.reshape(-1, logits.shape[-1]), chunk[:, 1:].reshape(-1)
        )
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1)
        optim.step()
        sched.step()
    model.eval()
    return model
