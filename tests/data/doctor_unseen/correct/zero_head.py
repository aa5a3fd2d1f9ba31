import torch
import torch.nn as nn


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.lin = nn.Linear(width, width)

    def forward(self, x):
        return x + torch.relu(self.lin(self.norm(x)))


class ResMLP(nn.Module):
    def __init__(self, width=128, depth=3, classes=10):
        super().__init__()
        self.stem = nn.Linear(28 * 28, width)
        self.blocks = nn.ModuleList([Residual(width) for _ in range(depth)])
        self.head = nn.Linear(width, classes)
        # all classes equally likely in the beginning: loss starts at ln(10) exactly
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x):
        x = self.stem(torch.flatten(x, 1))
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def train(data):
    torch.manual_seed(data.seed)
    model = ResMLP(classes=data.num_classes)
    opt = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    epochs = 9
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=epochs)
    loss_fn = nn.CrossEntropyLoss()
    loader = data.loader(batch_size=64)
    for e in range(epochs):
        for i, (x, y) in enumerate(loader):
            loss = loss_fn(model(x), y)
            if e == 0 and i < 3:
                print("start:", loss.item())
            loss.backward()
            opt.step()
            opt.zero_grad()
        sched.step()
        print("epoch %d, last loss %.4f" % (e, loss.item()))
    return model


def predict(model, inputs):
    with torch.no_grad():
        return model(torch.tensor(inputs).float() / 255).softmax(-1).numpy()
