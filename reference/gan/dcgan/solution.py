"""DCGAN: a generator of transposed convolutions against a discriminator of strided ones.

Par of `gan`.

Claim: passes the gate of `gan`, with all ten digits present.
Evidence: `grader run reference/gan/dcgan`; figures and machine in reference/RESULTS.md.
"""

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

EPOCHS = 4
BATCH = 128
NOISE = 64
# The weights that are returned are a running mean over some hundred steps, because pictures change
# from step to step and the last one may be a bad one.
AVERAGE = 0.995


class Generator(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.project = nn.Sequential(
            nn.Linear(NOISE, 4 * width * 7 * 7, bias=False),
            nn.BatchNorm1d(4 * width * 7 * 7),
            nn.ReLU(),
        )
        self.paint = nn.Sequential(
            nn.Unflatten(1, (4 * width, 7, 7)),
            nn.ConvTranspose2d(4 * width, width, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.ConvTranspose2d(width, 1, 4, stride=2, padding=1),
            nn.Tanh(),
        )

    def forward(self, noise):
        return self.paint(self.project(noise))

    @torch.inference_mode()
    def sample(self, n, seed):
        noise = torch.randn(n, NOISE, generator=torch.Generator().manual_seed(seed))
        return ((self(noise)[:, 0] + 1) * 127.5).round().to(torch.uint8)


def discriminator(width=32):
    return nn.Sequential(
        nn.Conv2d(1, width, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(width, 2 * width, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(2 * width),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(2 * width * 7 * 7, 1),
    )


def train(data):
    judge, maker = discriminator(), Generator()
    average = AveragedModel(maker, multi_avg_fn=get_ema_multi_avg_fn(AVERAGE), use_buffers=True)
    criterion = nn.BCEWithLogitsLoss()
    optimizer_judge = torch.optim.Adam(judge.parameters(), lr=2e-4, betas=(0.5, 0.999))
    optimizer_maker = torch.optim.Adam(maker.parameters(), lr=6e-4, betas=(0.5, 0.999))
    for epoch in range(EPOCHS):
        for step, (images, _) in enumerate(data.loader(batch_size=BATCH)):
            real = images * 2 - 1
            count = len(real)
            fake = maker(torch.randn(count, NOISE))

            scores_real, scores_fake = judge(real), judge(fake.detach())
            loss_judge = criterion(scores_real, torch.full_like(scores_real, 0.9)) + criterion(
                scores_fake, torch.zeros_like(scores_fake)
            )
            optimizer_judge.zero_grad()
            loss_judge.backward()
            optimizer_judge.step()

            scores = judge(fake)
            loss_maker = criterion(scores, torch.ones_like(scores))
            optimizer_maker.zero_grad()
            loss_maker.backward()
            optimizer_maker.step()
            average.update_parameters(maker)
            if step % 100 == 0:
                print(
                    f"epoch {epoch + 1}, batch {step}: "
                    f"{loss_judge.item():.3f}, {loss_maker.item():.3f}"
                )
    return average.module.eval()
