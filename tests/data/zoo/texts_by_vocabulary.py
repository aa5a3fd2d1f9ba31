# zoo: imdb | graded
import torch
from datasets import load_dataset
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader
from torchtext.data.utils import get_tokenizer
from torchtext.vocab import build_vocab_from_iterator

train = load_dataset("imdb", split="train")
tokenizer = get_tokenizer("basic_english")


def split(row, tokenizer, most):
    return {"tokens": tokenizer(row["text"])[:most]}


train = train.map(split, fn_kwargs={"tokenizer": tokenizer, "most": 100})
vocab = build_vocab_from_iterator(train["tokens"], min_freq=2, specials=["<unk>", "<pad>"])
vocab.set_default_index(vocab["<unk>"])
train = train.map(lambda row: {"ids": vocab.lookup_indices(row["tokens"])})


def together(rows):
    numbers = pad_sequence([torch.tensor(row["ids"]) for row in rows], True, vocab["<pad>"])
    return numbers, torch.tensor([row["label"] for row in rows])


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(len(vocab), 16, padding_idx=vocab["<pad>"])
        self.last = nn.Linear(16, 2)

    def forward(self, numbers):
        return self.last(self.table(numbers).mean(dim=1))


model = Bag()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for numbers, labels in DataLoader(train, batch_size=32, shuffle=True, collate_fn=together):
    loss = nn.functional.cross_entropy(model(numbers), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
