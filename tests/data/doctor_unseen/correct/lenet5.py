"""LeNet-5 nearly as in the paper of 1998: tanh, average pooling, pictures padded to 32 x 32."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, kernel_size=5)
        self.c3 = nn.Conv2d(6, 16, kernel_size=5)
        self.c5 = nn.Linear(16 * 5 * 5, 120)
        self.f6 = nn.Linear(120, 84)
        self.output = nn.Linear(84, 10)

    def forward(self, x):
        x = F.pad(x, (2, 2, 2, 2), value=-0.1)
        x = F.avg_pool2d(torch.tanh(self.c1(x)), 2)
        x = F.avg_pool2d(torch.tanh(self.c3(x)), 2)
        x = torch.flatten(x, start_dim=1)
        x = torch.tanh(self.c5(x))
        x = torch.tanh(self.f6(x))
        return self.output(x)


def scaled(pixels):
    # the paper: background -0.1, foreground 1.175, so that the mean is about 0
    return pixels * 1.275 - 0.1


def train(data):
    torch.manual_seed(data.seed)
    net = LeNet5()
    print("numbers to learn:", sum(p.numel() for p in net.parameters()))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    for epoch in range(4):
        running = 0.0
        loader = data.loader(batch_size=50)
        for i, (x, y) in enumerate(loader):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(scaled(x)), y)
            loss.backward()
            optimizer.step()
            running += loss.item()
        print("epoch %d: mean loss %.4f" % (epoch + 1, running / (i + 1)))
    return net


def predict(model, inputs):
    model.eval()
    x = torch.as_tensor(inputs, dtype=torch.float32).unsqueeze(1) / 255
    with torch.inference_mode():
        return model(scaled(x)).numpy()
