import torch
from torch import nn
from torch.optim.lr_scheduler import MultiStepLR


class DenseNet(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.fc1 = nn.Linear(784, 200)
        self.fc2 = nn.Linear(200, 80)
        self.fc3 = nn.Linear(80, n_classes)
        self.drop = nn.Dropout(0.2)
        self.act = nn.GELU()

    def forward(self, x):
        x = x.flatten(1)
        x = self.drop(self.act(self.fc1(x)))
        x = self.drop(self.act(self.fc2(x)))
        return self.fc3(x)


def train(data):
    torch.manual_seed(data.seed)
    model = DenseNet(data.num_classes)
    loss_fn = nn.CrossEntropyLoss(label_smoothing=0.05)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    scheduler = MultiStepLR(optimizer, milestones=[4, 6], gamma=0.3)
    loader = data.loader(64)

    model.train()
    for epoch in range(7):
        total, correct, seen = 0.0, 0, 0
        for images, labels in loader:
            scores = model(images)
            loss = loss_fn(scores, labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()

            total += loss.item() * labels.size(0)
            correct += (scores.argmax(dim=1) == labels).sum().item()
            seen += labels.size(0)
        print(f"epoch {epoch + 1}  lr {scheduler.get_last_lr()[0]:.5f}  loss {total / seen:.4f}  acc {correct / seen:.4f}")
        scheduler.step()

    model.eval()
    return model


def predict(model, inputs):
    images = torch.from_numpy(inputs).float().div(255)
    with torch.no_grad():
        return model(images).numpy()
