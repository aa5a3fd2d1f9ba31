import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class DigitPictures(Dataset):
    def __init__(self, pictures, digits, indices):
        self.pictures = pictures
        self.digits = digits
        self.indices = indices

    def __len__(self):
        return len(self.indices)

    def __getitem__(self, i):
        k = self.indices[i]
        return torch.from_numpy(self.pictures[k].astype("float32")).unsqueeze(0) / 255, int(self.digits[k])


def stage(n_in, n_out):
    # the norm makes the bias superfluous
    yield nn.Conv2d(n_in, n_out, 3, stride=2, padding=1, bias=False)
    yield nn.BatchNorm2d(n_out)
    yield nn.ReLU()


class Trainer:
    def __init__(self, data, lr=0.01):
        n = len(data.labels)
        rest = n // 10
        self.fit_part = DataLoader(DigitPictures(data.inputs, data.labels, range(rest, n)), batch_size=50, shuffle=True)
        self.test_part = DataLoader(DigitPictures(data.inputs, data.labels, range(rest)), batch_size=200)
        self.model = nn.Sequential(*stage(1, 8), *stage(8, 16), *stage(16, 32), nn.Flatten(), nn.Linear(512, data.num_classes))
        self.opt = torch.optim.NAdam(self.model.parameters(), lr=lr)
        self.loss = nn.CrossEntropyLoss()

    @torch.no_grad()
    def check(self):
        self.model.eval()
        hits = sum((self.model(p).argmax(1) == d).sum().item() for p, d in self.test_part)
        self.model.train()
        return hits / len(self.test_part.dataset)

    def run(self, epochs):
        for e in range(epochs):
            for p, d in self.fit_part:
                self.opt.zero_grad()
                value = self.loss(self.model(p), d)
                value.backward()
                self.opt.step()
            print(f"epoch {e}: loss {value.item():.3f}, accuracy on the rest {self.check():.3f}")
        return self.model


def train(data):
    torch.manual_seed(data.seed)
    return Trainer(data).run(epochs=3)


def predict(model, inputs):
    with torch.no_grad():
        batch = torch.from_numpy(inputs.astype("float32")).unsqueeze(1) / 255
        return model(batch).numpy()
