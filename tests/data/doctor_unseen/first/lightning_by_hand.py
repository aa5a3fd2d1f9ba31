import torch
from torch import nn
from torch.nn import functional as F


class LitMNIST(nn.Module):
    """Like a LightningModule, without Lightning (could not install it)."""

    def __init__(self, hidden=64, lr=1e-3):
        super().__init__()
        self.lr = lr
        self.encoder = self.make_encoder(hidden)
        self.head = nn.Linear(hidden, 10)

    @staticmethod
    def make_encoder(hidden):
        return nn.Sequential(nn.Flatten(), nn.Linear(784, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU())

    def forward(self, x):
        return self.head(self.encoder(x))

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = F.cross_entropy(self(x), y)
        if batch_idx % 100 == 0:
            print(f"step {batch_idx}: train_loss={loss.item():.4f}")
        return loss

    def configure_optimizers(self):
        net = LitMNIST(lr=self.lr)
        return torch.optim.AdamW(net.parameters(), lr=self.lr)


class MiniTrainer:
    def __init__(self, max_epochs=1):
        self.max_epochs = max_epochs

    def fit(self, module, dataloader):
        opt = module.configure_optimizers()
        module.train()
        for _ in range(self.max_epochs):
            for batch_idx, batch in enumerate(dataloader):
                opt.zero_grad()
                loss = module.training_step(batch, batch_idx)
                loss.backward()
                opt.step()
        module.eval()


def train(data):
    torch.manual_seed(data.seed)
    module = LitMNIST()
    MiniTrainer(max_epochs=1).fit(module, data.loader(128))
    return module
