# task: mnist
# mistake: sorted_classes
# line: argsort | shuffle=False
# fix: order = np.argsort(data.labels, kind="stable") => order = np.random.permutation(len(data.labels))
import numpy as np
import torch
from torch import nn


def train(data):
    order = np.argsort(data.labels, kind="stable")
    x = torch.from_numpy(data.inputs[order]).float() / 255
    y = torch.from_numpy(data.labels[order])
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=64, shuffle=False)
    for epoch in range(2):
        for images, labels in loader:
            opt.zero_grad()
            loss = nn.functional.cross_entropy(model(images), labels)
            loss.backward()
            opt.step()
        print(epoch, loss.item())
    return model


def predict(model, inputs):
    with torch.no_grad():
        return model(torch.from_numpy(inputs).float() / 255)
