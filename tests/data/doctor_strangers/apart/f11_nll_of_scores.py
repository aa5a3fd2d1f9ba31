# task: digits
# mistake: nll_on_scores
# line: nn.NLLLoss()
# fix: nn.NLLLoss() => nn.CrossEntropyLoss()
import numpy as np
import torch
from torch import nn


def train(data):
    x = torch.tensor(data.inputs.reshape(len(data.inputs), -1) / 255.0, dtype=torch.float32)
    y = torch.tensor(data.labels)
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, data.num_classes))
    criterion = nn.NLLLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    for epoch in range(20):
        order = torch.randperm(len(x))
        for i in range(0, len(x), 32):
            rows = order[i:i + 32]
            optimizer.zero_grad()
            loss = criterion(net(x[rows]), y[rows])
            loss.backward()
            optimizer.step()

    def answer(images):
        flat = np.asarray(images).reshape(len(images), -1) / 255.0
        with torch.no_grad():
            return net(torch.tensor(flat, dtype=torch.float32)).numpy()

    return answer
