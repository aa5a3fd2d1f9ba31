# task: text-generation
# mistake: sees_future
# line: self.encoder( | nn.TransformerEncoderLayer( | is_causal
# fix: self.encoder(x) => self.encoder(x, mask=nn.Transformer.generate_square_subsequent_mask(x.shape[1]), is_causal=True)
import torch
from torch import nn


class Tiny(nn.Module):
    def __init__(self, vocabulary, width=32, longest=128):
        super().__init__()
        self.token = nn.Embedding(vocabulary, width)
        self.place = nn.Embedding(longest, width)
        layer = nn.TransformerEncoderLayer(width, 2, 64, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1)
        self.head = nn.Linear(width, vocabulary)

    def forward(self, tokens):
        x = self.token(tokens) + self.place(torch.arange(tokens.shape[1]))
        return self.head(self.encoder(x))


def train(data):
    model = Tiny(data.vocabulary_size, longest=data.context)
    tokens = torch.from_numpy(data.tokens)
    opt = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for step in range(200):
        starts = torch.randint(len(tokens) - 65, (16,)).tolist()
        x = torch.stack([tokens[s:s + 64] for s in starts])
        y = torch.stack([tokens[s + 1:s + 65] for s in starts])
        loss = nn.functional.cross_entropy(model(x).reshape(-1, data.vocabulary_size), y.reshape(-1))
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 50 == 0:
            print(step, loss.item())
    return model.eval()
