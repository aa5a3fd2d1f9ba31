# Same names as in the course: A0 is the input, Z = W A + b, an example is a column.
import torch
from torch.nn import Module, Parameter, ParameterDict
from torch.nn.functional import cross_entropy


class DeepNet(Module):
    def __init__(self, layer_dims):
        super().__init__()
        self.L = len(layer_dims) - 1
        self.parameters_ = ParameterDict()
        for l in range(1, self.L + 1):
            he = (2.0 / layer_dims[l - 1]) ** 0.5
            self.parameters_["W" + str(l)] = Parameter(torch.randn(layer_dims[l], layer_dims[l - 1]) * he)
            self.parameters_["b" + str(l)] = Parameter(torch.zeros(layer_dims[l], 1))

    def linear_forward(self, A, l):
        return self.parameters_["W" + str(l)] @ A + self.parameters_["b" + str(l)]

    def forward(self, images):
        A = images.reshape(28 * 28, -1)
        for l in range(1, self.L):
            Z = self.linear_forward(A, l)
            A = torch.maximum(Z, torch.zeros(()))
        ZL = self.linear_forward(A, self.L)
        return ZL.T


def random_mini_batches(X, Y, mini_batch_size):
    m = X.shape[0]
    permutation = torch.randperm(m)
    mini_batches = []
    k = 0
    while k < m:
        which = permutation[k:k + mini_batch_size]
        mini_batches.append((X[which], Y[which]))
        k += mini_batch_size
    return mini_batches


def L_layer_model(X, Y, layer_dims, learning_rate=0.001, num_epochs=4, mini_batch_size=32, print_cost=True):
    net = DeepNet(layer_dims)
    adam = torch.optim.Adam(net.parameters(), lr=learning_rate)
    costs = []
    for i in range(num_epochs):
        cost_total = 0
        mini_batches = random_mini_batches(X, Y, mini_batch_size)
        for mini_batch_X, mini_batch_Y in mini_batches:
            cost = cross_entropy(net(mini_batch_X), mini_batch_Y)
            adam.zero_grad()
            cost.backward()
            adam.step()
            cost_total += cost.item()
        costs.append(cost_total / len(mini_batches))
        if print_cost:
            print("Cost after epoch %i: %f" % (i, costs[-1]))
    return net


def train(data):
    torch.manual_seed(data.seed)
    X = torch.tensor(data.inputs) / 255.0
    Y = torch.tensor(data.labels)
    return L_layer_model(X, Y, [784, 256, 64, data.num_classes])


def predict(model, inputs):
    with torch.no_grad():
        return model(torch.tensor(inputs) / 255.0).numpy()
