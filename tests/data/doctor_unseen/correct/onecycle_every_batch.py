"""Super-convergence on MNIST: one cycle of the learning rate over the whole run."""
import torch
import torch.nn as nn
from torch.optim.lr_scheduler import OneCycleLR

CFG = dict(epochs=6, batch_size=64, max_lr=0.2, momentum=0.9, weight_decay=5e-4)


def conv_block(c_in, c_out):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(c_out),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
    )


class Trainer:
    def __init__(self, model, loader, cfg):
        self.model, self.loader, self.cfg = model, loader, cfg
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(
            model.parameters(), lr=cfg["max_lr"] / 25,
            momentum=cfg["momentum"], weight_decay=cfg["weight_decay"],
        )
        self.scheduler = OneCycleLR(
            self.optimizer, max_lr=cfg["max_lr"],
            epochs=cfg["epochs"], steps_per_epoch=len(loader), pct_start=0.3,
        )

    def fit(self):
        for epoch in range(self.cfg["epochs"]):
            self.model.train()
            for xb, yb in self.loader:
                self.step(xb, yb)
            print(f"[{epoch}] loss={self.last:.4f} lr={self.scheduler.get_last_lr()[0]:.6f}")
        return self.model

    def step(self, xb, yb):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.criterion(self.model(xb), yb)
        loss.backward()
        self.optimizer.step()
        self.scheduler.step()  # per batch: the cycle counts batches
        self.last = loss.item()


def train(data):
    torch.manual_seed(data.seed)
    model = nn.Sequential(
        conv_block(1, 8),
        conv_block(8, 16),
        conv_block(16, 32),
        nn.Flatten(),
        nn.Linear(32 * 3 * 3, 10),
    )
    return Trainer(model, data.loader(CFG["batch_size"]), CFG).fit()


@torch.no_grad()
def predict(model, inputs):
    model.eval()
    return model(torch.tensor(inputs).unsqueeze(1).float().div(255)).numpy()
