import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

softmax = nn.Softmax(dim=1)


def prepare(pictures):
    """uint8 (n, 28, 28) -> float (n, 784), from -1 to 1"""
    flat = torch.tensor(pictures).reshape(len(pictures), 784)
    return flat.float() / 127.5 - 1


def train(data):
    torch.manual_seed(data.seed)
    dataset = TensorDataset(prepare(data.inputs), torch.tensor(data.labels))
    loader = DataLoader(dataset, batch_size=32, shuffle=True)

    model = nn.Sequential()
    model.add_module("hidden1", nn.Linear(784, 256))
    model.add_module("act1", nn.LeakyReLU(0.1))
    model.add_module("hidden2", nn.Linear(256, 128))
    model.add_module("act2", nn.LeakyReLU(0.1))
    model.add_module("out", nn.Linear(128, 10))   # raw scores

    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.0007)

    for epoch in range(9):
        total, right = 0.0, 0
        for x, y in loader:
            scores = model(x)
            loss = loss_fn(scores, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            right += (scores.argmax(1) == y).sum().item()
        print("epoch", epoch, "loss", round(total / len(dataset), 4), "acc", round(right / len(dataset), 4))
    return model


def predict(model, inputs):
    with torch.no_grad():
        scores = model(prepare(inputs))
        return softmax(scores).numpy()   # now they are probabilities
