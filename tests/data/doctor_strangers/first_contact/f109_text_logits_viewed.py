# task: text-generation
# mistake: viewed_axes | scrambled_pixels | mixed_rows | turned_array
# line: .view(
# fix: logits.view(logits.size(0), -1, logits.size(1)) => logits.transpose(1, 2)
import torch
import torch.nn as nn


class CharRNN(nn.Module):
    def __init__(self, vocab, hidden=96):
        super().__init__()
        self.embed = nn.Embedding(vocab, 32)
        self.rnn = nn.GRU(32, hidden, batch_first=True)
        self.head = nn.Linear(hidden, vocab)

    def forward(self, idx):
        h, _ = self.rnn(self.embed(idx))
        return self.head(h)


def get_batch(tokens, block, batch):
    ix = torch.randint(len(tokens) - block - 1, (batch,))
    x = torch.stack([tokens[i : i + block] for i in ix])
    y = torch.stack([tokens[i + 1 : i + block + 1] for i in ix])
    return x, y


def train(data):
    tokens = torch.tensor(data.tokens)
    model = CharRNN(data.vocabulary_size)
    opt = torch.optim.AdamW(model.parameters(), lr=3e-3)
    criterion = nn.CrossEntropyLoss()
    for it in range(300):
        x, y = get_batch(tokens, 64, 32)
        logits = model(x)
        # CrossEntropyLoss wants (batch, classes, time)
        loss = criterion(logits.view(logits.size(0), -1, logits.size(1)), y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
    return model
