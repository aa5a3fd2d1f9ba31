"""One transformer block over the words of a review.

It reads the last 200 words, and judges by the mean of its states.

Claim: 85 % or more on `imdb`.
Evidence: `grader run reference/imdb/transformer`; figures and machine in reference/RESULTS.md.
"""

import re
from collections import Counter

import numpy as np
import torch
from torch import nn

EPOCHS = 2
BATCH = 64
# How many words are read, from the end of a review, where the judgement often stands.
LENGTH = 200
# The rows of the embedding: padding, the unknown word, then the most frequent words.
VOCABULARY = 20_000
WIDTH, HEADS, HIDDEN = 64, 4, 128
SPREAD = 0.1
PADDING, UNKNOWN = 0, 1
WORD = re.compile(r"[a-z0-9']+|[!?]")


def words_of(text):
    return WORD.findall(text.lower().replace("<br />", " "))


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, WIDTH, padding_idx=PADDING)
        self.places = nn.Embedding(LENGTH, WIDTH)
        for table in (self.embedding, self.places):
            # Small, so that what is learned soon outweighs what was drawn.
            nn.init.normal_(table.weight, std=SPREAD)
        # Without dropout inside, PyTorch uses its fast attention, which takes a third of the time.
        self.layer = nn.TransformerEncoderLayer(
            WIDTH, HEADS, HIDDEN, dropout=0.0, batch_first=True, norm_first=True
        )
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(WIDTH, 2)

    def forward(self, tokens):
        """Return scores (n, 2) for tokens (n, t), padded at the end of each text."""
        is_word = tokens != PADDING
        read = self.embedding(tokens) + self.places(torch.arange(tokens.shape[1]))
        states = self.layer(self.dropout(read), src_key_padding_mask=~is_word)
        mean = (states * is_word.unsqueeze(-1)).sum(dim=1) / is_word.sum(dim=1, keepdim=True)
        return self.head(self.dropout(mean))


class Critic:
    """A trained reader and the words it knows: from texts to scores."""

    def __init__(self, texts):
        counts = Counter(word for text in texts for word in words_of(text))
        known = [word for word, _ in counts.most_common(VOCABULARY - 2)]
        self.numbers = {word: i for i, word in enumerate(known, start=2)}
        self.reader = Reader()

    def encode(self, text):
        words = words_of(text)[-LENGTH:]
        return torch.tensor([self.numbers.get(word, UNKNOWN) for word in words] or [UNKNOWN])

    @torch.inference_mode()
    def __call__(self, texts):
        """Return scores (n, 2) for n texts, read in groups of similar length."""
        encoded = [self.encode(text) for text in texts]
        scores = np.empty((len(encoded), 2), dtype=np.float32)
        for part in torch.tensor([len(each) for each in encoded]).argsort().split(BATCH):
            scores[part] = self.reader(padded([encoded[place] for place in part])).numpy()
        return scores


def padded(encoded):
    return nn.utils.rnn.pad_sequence(encoded, batch_first=True, padding_value=PADDING)


def batches(encoded):
    """Return places in batches of texts of about the same length, so that little is padding.

    Both the batches and what is in them come in random order.
    """
    lengths = torch.tensor([float(len(each)) for each in encoded])
    order = (lengths + 20 * torch.rand(len(encoded))).argsort()
    parts = order.split(BATCH)
    return [parts[i] for i in torch.randperm(len(parts))]


def train(data):
    critic = Critic(data.inputs)
    encoded = [critic.encode(text) for text in data.inputs]
    labels = torch.from_numpy(data.labels)
    steps = EPOCHS * len(batches(encoded))
    optimizer = torch.optim.Adam(critic.reader.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=steps)
    for epoch in range(EPOCHS):
        total = 0.0
        for part in batches(encoded):
            loss = nn.functional.cross_entropy(
                critic.reader(padded([encoded[i] for i in part])), labels[part]
            )
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(critic.reader.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item() * len(part)
        print(f"epoch {epoch + 1}: loss {total / len(encoded):.4f}")
    critic.reader.eval()
    return critic
