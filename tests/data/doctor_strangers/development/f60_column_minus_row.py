# task: diabetes
# mistake: broadcast_error
# line: nn.MSELoss() | loss = | - y
# fix: loss = ((model(x) - y) ** 2).mean() => loss = ((model(x)[:, 0] - y) ** 2).mean()
import torch
from torch import nn


def train(data):
    X = torch.tensor(data.inputs)
    mean, std = X.mean(0), X.std(0)
    Y = torch.tensor(data.labels)
    model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for epoch in range(100):
        for rows in torch.randperm(len(X)).split(50):
            x, y = (X[rows] - mean) / std, Y[rows]
            loss = ((model(x) - y) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def answer(inputs):
        with torch.no_grad():
            return model((torch.tensor(inputs) - mean) / std)[:, 0].numpy()

    return answer
