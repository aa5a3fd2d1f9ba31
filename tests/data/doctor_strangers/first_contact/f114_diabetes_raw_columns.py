# task: diabetes
# mistake: exploding_rate | raw_pixels | unscaled_inputs
# line: SGD | data.inputs
# says: scale | rate | NaN | nan
# fix: lr=0.01 => lr=1e-6
import torch
import torch.nn as nn


def train(data):
    X = torch.from_numpy(data.inputs)
    y = torch.from_numpy(data.labels).unsqueeze(1)
    model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for epoch in range(200):
        pred = model(X)
        loss = criterion(pred, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if epoch % 20 == 0:
            print(epoch, loss.item())
    return model
