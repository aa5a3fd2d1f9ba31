# task: digits
# mistake: none
# resembles: relu_on_scores
from torch import nn, optim


def train(data):
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(128, 10))
    optimizer = optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-4)
    loss_function = nn.CrossEntropyLoss()
    for epoch in range(25):
        model.train()
        for x, y in data.loader(32):
            optimizer.zero_grad()
            loss_function(model(x), y).backward()
            optimizer.step()
    model.eval()
    return model
