"""Train the frozen feature network of the exam `generation`; needs MNIST and PyTorch.

    python -m benchmarks.features

Writes grader/metrics/mnist_features.npz and prints its checksum, which belongs in
grader/metrics/features.py. The network learns to tell apart digits that were moved, blurred and
made a little noisy, so that its features describe strokes rather than single pixels.
"""

from __future__ import annotations

import hashlib
import io
import zipfile

import numpy as np
import torch
from torch import nn

from grader.course.dataset import data_folder
from grader.course.datasets import mnist
from grader.metrics import features

EPOCHS = 6
BATCH = 256
SHIFT = 2
NOISE = 0.05


def network() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


def train(images: np.ndarray, labels: np.ndarray) -> nn.Sequential:
    torch.manual_seed(0)
    model = network()
    inputs = torch.from_numpy(images.copy()).float().unsqueeze(1) / 255.0
    targets = torch.from_numpy(labels)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    steps = EPOCHS * -(-len(inputs) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=steps)
    for _ in range(EPOCHS):
        for picked in torch.randperm(len(inputs)).split(BATCH):
            batch = inputs[picked]
            across, down = torch.randint(-SHIFT, SHIFT + 1, (2,)).tolist()
            batch = torch.roll(batch, (down, across), dims=(2, 3)) + NOISE * torch.randn_like(batch)
            loss = nn.functional.cross_entropy(model(batch), targets[picked])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return model


def exported(model: nn.Sequential) -> dict[str, np.ndarray]:
    """Return the weights as features.py reads them, channels last.

    Convolutions are (k, k, in, out), linear layers (in, out); all float16.
    """
    conv1 = model[0]
    conv2 = model[2]
    linear = model[5]
    head = model[7]
    flat = (
        linear.weight.detach().numpy().reshape(64, 32, 7, 7).transpose(2, 3, 1, 0).reshape(-1, 64)
    )
    arrays = {
        "conv1_weight": conv1.weight.detach().numpy().transpose(2, 3, 1, 0),
        "conv1_bias": conv1.bias.detach().numpy(),
        "conv2_weight": conv2.weight.detach().numpy().transpose(2, 3, 1, 0),
        "conv2_bias": conv2.bias.detach().numpy(),
        "linear_weight": flat,
        "linear_bias": linear.bias.detach().numpy(),
        "head_weight": head.weight.detach().numpy().T,
        "head_bias": head.bias.detach().numpy(),
    }
    return {name: np.ascontiguousarray(array, dtype=np.float16) for name, array in arrays.items()}


def write(arrays: dict[str, np.ndarray]) -> str:
    """Write the file, byte for byte the same for the same weights, and return its checksum."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            item = io.BytesIO()
            np.save(item, array)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), item.getvalue())
    features.WEIGHTS.write_bytes(buffer.getvalue())
    return hashlib.sha256(buffer.getvalue()).hexdigest()


def main() -> None:
    data = mnist.load(data_folder(None))
    model = train(data.train_inputs, data.train_labels)
    checksum = write(exported(model))
    features.SHA256 = checksum
    seen = features.see(data.hidden_inputs)
    some = torch.from_numpy(data.hidden_inputs[:100]).float().unsqueeze(1) / 255.0
    with torch.inference_mode():
        theirs = model[:7](some).numpy()
    difference = np.abs(theirs - seen.features[:100]).max()
    print(f"accuracy on the test set: {np.mean(seen.classes == data.hidden_labels):.4f}")
    print(f"largest difference to PyTorch's features: {difference:.4f}")
    print(f"{features.WEIGHTS.stat().st_size} bytes, sha256 {checksum}")


if __name__ == "__main__":
    main()
