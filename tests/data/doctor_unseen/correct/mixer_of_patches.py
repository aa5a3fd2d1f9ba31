"""A small MLP-Mixer: 16 patches of 7 x 7 pixels, mixed across patches and across features in turn."""
import torch
from torch import nn

PATCH = 7
N_PATCHES = (28 // PATCH) ** 2
WIDTH = 48
DEPTH = 2


def mlp(size, hidden):
    return nn.Sequential(nn.Linear(size, hidden), nn.GELU(), nn.Linear(hidden, size))


class MixerBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm_tokens = nn.LayerNorm(WIDTH)
        self.mix_tokens = mlp(N_PATCHES, 32)
        self.norm_features = nn.LayerNorm(WIDTH)
        self.mix_features = mlp(WIDTH, 96)

    def forward(self, x):
        across = self.mix_tokens(self.norm_tokens(x).transpose(1, 2)).transpose(1, 2)
        x = x + across
        return x + self.mix_features(self.norm_features(x))


class Mixer(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.embed = nn.Linear(PATCH * PATCH, WIDTH)
        self.blocks = nn.ModuleList([MixerBlock() for _ in range(DEPTH)])
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, num_classes)

    @staticmethod
    def patches(images):
        b = images.shape[0]
        side = 28 // PATCH
        x = images.reshape(b, side, PATCH, side, PATCH)
        return x.permute(0, 1, 3, 2, 4).reshape(b, N_PATCHES, PATCH * PATCH)

    def forward(self, images):
        x = self.embed(self.patches(images))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x).mean(dim=1))


def train(data):
    torch.manual_seed(data.seed)
    model = Mixer(data.num_classes)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.01)
    criterion = nn.CrossEntropyLoss()
    loader = data.loader(64)
    # warm-up: the rate of the first epoch is a quarter
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: [0.25, 1, 1, 0.5, 0.25, 0.1][epoch])
    for epoch in range(5):
        losses = []
        for images, labels in loader:
            loss = criterion(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        schedule.step()
        print(f"epoch {epoch + 1}: {sum(losses) / len(losses):.4f}")
    return model.eval()


def predict(model, inputs):
    with torch.inference_mode():
        return model(torch.as_tensor(inputs).unsqueeze(1) / 255).numpy()
