"""keras_cnn in PyTorch: two convolutions with pooling, dropout, a cosine schedule, four epochs.

Claim: the accuracy of keras_cnn on `mnist`. First weights, Adam's epsilon and the schedule are the
defaults of Keras.
Evidence: `grader run reference/mnist/torch_cnn`; figures and machine in reference/RESULTS.md.
"""

import torch
from torch import nn, optim

EPOCHS = 4
BATCH = 128
LEARNING_RATE = 3e-3
EPSILON = 1e-7


def network(num_classes):
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.4),
        nn.Linear(32 * 5 * 5, num_classes),
    )
    for layer in model:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return model


def train(data):
    torch.manual_seed(data.seed)
    images = torch.from_numpy(data.inputs).unsqueeze(1).float() / 255
    labels = torch.from_numpy(data.labels)
    steps = EPOCHS * -(-len(images) // BATCH)
    model = network(data.num_classes)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE, eps=EPSILON)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    model.train()
    for epoch in range(EPOCHS):
        total = 0.0
        for batch in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            loss = criterion(model(images[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(batch)
        print(f"epoch {epoch + 1}: loss {total / len(images):.4f}", flush=True)
    return model
