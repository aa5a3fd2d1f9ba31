"""One hidden layer in PyTorch: 64 -> 128 -> 10, ReLU, Adam.

Claim: 97 % accuracy on `digits`, in about two seconds on one core.
Evidence: `grader run reference/digits/simple_nn`; figures and machine in reference/RESULTS.md.
"""

from torch import nn, optim

EPOCHS = 30
BATCH = 64
LEARNING_RATE = 3e-3


def train(data):
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, data.num_classes)
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE)
    loader = data.loader(batch_size=BATCH)
    for epoch in range(EPOCHS):
        total = 0.0
        for images, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
        print(f"epoch {epoch + 1}: loss {total / len(data.labels):.4f}")
    return model
