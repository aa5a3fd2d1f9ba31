# task: digits
# mistake: too_few_outputs
# line: nn.Linear(32, 8)
# fix: nn.Linear(32, 8) => nn.Linear(32, 10)
from torch import nn, optim


def train(data):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 8))
    optimizer = optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(10):
        for images, labels in data.loader(32):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
    return model
