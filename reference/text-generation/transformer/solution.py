"""A small decoder-only transformer.

Four blocks of causal attention and a feed-forward layer, with a LayerNorm before each.

Claim: 2.5 bits a character or less on `text-generation`.
Evidence: `grader run reference/text-generation/transformer`;
figures and machine in reference/RESULTS.md.
"""

import numpy as np
import torch
from torch import nn

STEPS = 1100
BATCH = 32
WIDTH, HEADS, BLOCKS = 144, 4, 4
WARM_UP = 100
DROPOUT = 0.05


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.mlp = nn.Sequential(
            nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH)
        )
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, x, past=None):
        n, t, _ = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, t, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        if past is not None:
            k, v = torch.cat([past[0], k], dim=2), torch.cat([past[1], v], dim=2)
        mixed = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=past is None)
        x = x + self.dropout(self.out(mixed.transpose(1, 2).reshape(n, t, WIDTH)))
        return x + self.dropout(self.mlp(self.norm2(x))), (k, v)


class Transformer(nn.Module):
    def __init__(self, vocabulary, context):
        super().__init__()
        self.context = context
        self.tokens, self.places = nn.Embedding(vocabulary, WIDTH), nn.Embedding(context, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(BLOCKS))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, vocabulary, bias=False)
        self.head.weight = self.tokens.weight
        nn.init.normal_(self.tokens.weight, std=0.02)
        nn.init.normal_(self.places.weight, std=0.02)

    def forward(self, tokens, past=None):
        first = 0 if past is None else past[0][0].shape[2]
        x = self.tokens(tokens) + self.places(torch.arange(first, first + tokens.shape[1]))
        kept = []
        for i, block in enumerate(self.blocks):
            x, pair = block(x, None if past is None else past[i])
            kept.append(pair)
        return self.head(self.norm(x)), kept

    @torch.inference_mode()
    def generate(self, prompt, n):
        """Append the likeliest character n times.

        Keys and values of earlier characters are kept, so that they are not computed again.
        """
        if len(prompt) + n > self.context + 1:
            raise ValueError(
                f"{len(prompt)} and {n} characters do not fit into a context of {self.context}"
            )
        logits, past = self(torch.from_numpy(prompt)[None])
        written = np.empty(n, dtype=np.int64)
        for i in range(n):
            token = logits[:, -1].argmax(dim=-1, keepdim=True)
            written[i] = token
            if i + 1 < n:
                logits, past = self(token, past)
        return written


def train(data):
    model = Transformer(data.vocabulary_size, data.context)
    tokens = torch.from_numpy(data.tokens)
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=2e-3, betas=(0.9, 0.98))

    def rate(step):
        progress = max(0.0, (step - WARM_UP) / (STEPS - WARM_UP))
        return min(1.0, (step + 1) / WARM_UP) * (0.05 + 0.95 * 0.5 * (1 + np.cos(np.pi * progress)))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    places = torch.arange(data.context + 1)
    for step in range(STEPS):
        starts = torch.randint(len(tokens) - data.context - 1, (BATCH, 1))
        window = tokens[starts + places]
        logits, _ = model(window[:, :-1])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), window[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            print(f"step {step}: {loss.item() / np.log(2):.3f} bits a character")
    return model
