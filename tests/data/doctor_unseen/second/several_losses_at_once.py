import torch
from torch import nn

torch.set_printoptions(precision=3)


class Lambda(nn.Module):
    """To have reshapes inside of a Sequential"""

    def __init__(self, f):
        super().__init__()
        self.f = f

    def forward(self, t):
        return self.f(t)


def new_net():
    return nn.Sequential(
        Lambda(lambda t: t.float().mul(1 / 255).view(-1, 1, 28, 28)),
        nn.Conv2d(1, 10, 5),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(10, 20, 5),
        nn.MaxPool2d(2),
        nn.ReLU(),
        Lambda(lambda t: t.view(len(t), -1)),
        nn.Linear(320, 50),
        nn.ReLU(),
        nn.Linear(50, 10),
    )


def make_learn(net, rate, together):
    """Returns a function that is given one small batch after the other.

    The losses are kept in a list, and when there are enough of them the network learns from all together.
    """
    sgd = torch.optim.SGD(net.parameters(), rate)
    ce = nn.CrossEntropyLoss()
    waiting = []

    def learn(pictures, digits):
        waiting.append(ce(net(pictures), digits))
        if len(waiting) < together:
            return None
        mean = torch.stack(waiting).mean()
        mean.backward()
        sgd.step()
        waiting.clear()
        return mean.item()

    return learn


def train(data):
    torch.manual_seed(data.seed)
    pictures, digits = torch.from_numpy(data.inputs.copy()), torch.from_numpy(data.labels.copy())
    net = new_net().train()
    learn = make_learn(net, rate=0.1, together=4)
    for round_ in range(4):
        order = torch.randperm(len(digits))
        seen = [learn(pictures[part], digits[part]) for part in order.chunk(len(digits) // 16)]
        seen = torch.tensor([value for value in seen if value is not None])
        print("round", round_, "first:", seen[:5].mean(), "last:", seen[-5:].mean())
    return net.eval()


def predict(net, inputs):
    with torch.no_grad():
        return net(torch.from_numpy(inputs.copy())).log_softmax(-1).exp().numpy()
