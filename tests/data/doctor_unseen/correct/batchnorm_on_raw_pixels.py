# Idea: never think about normalising again. The first layer is a BatchNorm,
# it learns mean and spread of the grey levels 0..255 itself.
import torch, torch.nn as nn
import torch.nn.functional as F


class RawNet(nn.Module):
    def __init__(self):
        super(RawNet, self).__init__()
        self.norm = nn.BatchNorm2d(1)
        self.conv = nn.Conv2d(1, 12, 5, stride=2)
        self.conv2 = nn.Conv2d(12, 24, 3, stride=2)
        self.bn2 = nn.BatchNorm2d(24)
        self.lin = nn.Linear(24 * 5 * 5, 10)

    def forward(self, pix):
        # pix: uint8 (n, 28, 28)
        h = self.norm(pix.unsqueeze(1).float())
        h = F.relu(self.conv(h))
        h = F.relu(self.bn2(self.conv2(h)))
        return self.lin(h.reshape(h.shape[0], -1))


def train(data):
    torch.manual_seed(data.seed)
    X = torch.as_tensor(data.inputs.copy())      # stays uint8
    Y = torch.as_tensor(data.labels.copy())
    net = RawNet()
    opt = torch.optim.Adam(net.parameters(), lr=0.002)
    B = 50
    for ep in range(8):
        net.train()
        order = torch.randperm(len(X))
        for start in range(0, len(X), B):
            idx = order[start:start + B]
            opt.zero_grad()
            L = F.cross_entropy(net(X[idx]), Y[idx])
            L.backward()
            opt.step()
        print("ep", ep, "L", L.item())
    net.eval()
    return net


def predict(model, inputs):
    model.eval()
    with torch.no_grad():
        return model(torch.as_tensor(inputs.copy())).numpy()
