"""A residual network of three blocks and 326,010 weights. Par of `cifar10`.

It uses a one-cycle learning rate, and shifted and flipped images.

Claim: above the gate of `cifar10`, 60 %. Five epochs reached 82.75 % in 531 s on two busy cores. It
takes three, because par is graded on every learner's machine and should be ready in minutes.
Evidence: `grader run reference/cifar10/resnet`; figures and machine in reference/RESULTS.md.
"""

import torch
from torch import nn, optim

EPOCHS = 3
BATCH = 128
PEAK_LEARNING_RATE = 0.01
SHIFT = 4  # pixels, in each direction


def convolution(inputs, outputs, stride=1, kernel=3):
    layer = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs))


class Residual(nn.Module):
    """Two convolutions whose result is added to what came in."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = convolution(inputs, outputs, stride)
        self.second = convolution(outputs, outputs)
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else convolution(inputs, outputs, stride, kernel=1)

    def forward(self, x):
        return torch.relu(self.second(torch.relu(self.first(x))) + self.shortcut(x))


def network(num_classes):
    return nn.Sequential(
        *convolution(3, 16),
        nn.ReLU(),
        Residual(16, 48, stride=2),
        Residual(48, 96, stride=2),
        Residual(96, 96, stride=1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(96, num_classes),
    )


def varied(images):
    """Return a batch moved by up to four pixels, with half of the images flipped, at random.

    The pixels that come in are zeros.
    """
    down, right = torch.randint(0, 2 * SHIFT + 1, (2,)).tolist()
    padded = nn.functional.pad(images, (SHIFT, SHIFT, SHIFT, SHIFT))
    moved = padded[:, :, down : down + images.shape[2], right : right + images.shape[3]]
    flip = torch.rand(len(images), 1, 1, 1, device=images.device) < 0.5
    return torch.where(flip, moved.flip(3), moved)


def train(data):
    torch.manual_seed(data.seed)
    # The images stay uint8 until a batch is needed.
    images = torch.from_numpy(data.inputs).to(data.device).permute(0, 3, 1, 2)
    labels = torch.from_numpy(data.labels).to(data.device)
    model = network(data.num_classes).to(data.device, memory_format=torch.channels_last)
    steps = EPOCHS * -(-len(images) // BATCH)
    optimizer = optim.AdamW(model.parameters(), lr=PEAK_LEARNING_RATE, weight_decay=0.05)
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, PEAK_LEARNING_RATE, total_steps=steps)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    model.train()
    for epoch in range(EPOCHS):
        total = 0.0
        for chosen in torch.randperm(len(images)).split(BATCH):
            inputs = varied(images[chosen].float().div_(255)).contiguous(
                memory_format=torch.channels_last
            )
            loss = criterion(model(inputs), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(chosen)
        print(f"epoch {epoch + 1}: loss {total / len(images):.4f}", flush=True)
    return model
