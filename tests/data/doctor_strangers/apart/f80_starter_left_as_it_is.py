# task: digits
# mistake: never_trained
# line: total += | optimizer.zero_grad() | loss =
# fix: total += loss.item() => loss.backward(); optimizer.step(); total += loss.item()
from torch import nn, optim


def train(data):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 40), nn.ReLU(), nn.Linear(40, data.num_classes))
    objective = nn.CrossEntropyLoss()
    optimizer = optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(15):
        total = 0.0
        for pictures, classes in data.loader(32):
            optimizer.zero_grad()
            loss = objective(net(pictures), classes)
            total += loss.item()
        print(epoch, total)
    return net
