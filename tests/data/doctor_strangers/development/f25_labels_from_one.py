# task: digits
# mistake: moved_labels
# line: y = torch.from_numpy(data.labels) + 1 | + 1
# fix: torch.from_numpy(data.labels) + 1 => torch.from_numpy(data.labels)
import torch
from torch import nn


def train(data):
    X = torch.from_numpy(data.inputs).float().flatten(1) / 255
    y = torch.from_numpy(data.labels) + 1  # classes count from one
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 11))
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for step in range(400):
        rows = torch.randint(len(X), (64,))
        opt.zero_grad()
        nn.functional.cross_entropy(model(X[rows]), y[rows]).backward()
        opt.step()

    def answer(images):
        with torch.no_grad():
            return model(torch.from_numpy(images).float() / 255)[:, :10]

    return answer
