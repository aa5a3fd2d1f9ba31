import copy

import numpy as np
import torch
from torch import nn


class MnistEstimator:
    """fit / predict_proba, with a validation part that decides when to stop."""

    def __init__(self, hidden=(128,), lr=1e-3, batch_size=32, max_epochs=12, patience=2, validation=0.1, seed=0):
        self.hidden = hidden
        self.lr = lr
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.patience = patience
        self.validation = validation
        self.seed = seed

    def _make(self, n_in, n_out):
        layers = []
        for width in self.hidden:
            layers += [nn.Linear(n_in, width), nn.BatchNorm1d(width), nn.ReLU()]
            n_in = width
        layers.append(nn.Linear(n_in, n_out))
        return nn.Sequential(*layers)

    def _tensor(self, X):
        X = X.reshape(len(X), -1).astype(np.float32)
        return torch.from_numpy((X - self.mean_) / self.std_)

    def _val_loss(self, X, y):
        self.model_.eval()
        with torch.no_grad():
            return nn.functional.cross_entropy(self.model_(X), y).item()

    def fit(self, X, y):
        torch.manual_seed(self.seed)
        order = np.random.default_rng(self.seed).permutation(len(y))
        cut = int(len(y) * self.validation)
        val, fit = order[:cut], order[cut:]
        self.mean_, self.std_ = float(X[fit].mean()), float(X[fit].std())
        X_fit, y_fit = self._tensor(X[fit]), torch.from_numpy(y[fit])
        X_val, y_val = self._tensor(X[val]), torch.from_numpy(y[val])

        self.model_ = self._make(X_fit.shape[1], int(y.max()) + 1)
        optimizer = torch.optim.Adam(self.model_.parameters(), lr=self.lr)
        best, best_state, waited = float("inf"), None, 0
        for epoch in range(self.max_epochs):
            self.model_.train()
            perm = torch.randperm(len(y_fit))
            for start in range(0, len(perm) - self.batch_size + 1, self.batch_size):
                rows = perm[start:start + self.batch_size]
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(self.model_(X_fit[rows]), y_fit[rows])
                loss.backward()
                optimizer.step()
            val_loss = self._val_loss(X_val, y_val)
            print(f"epoch {epoch + 1}: validation loss {val_loss:.4f}")
            if val_loss < best:
                best, best_state, waited = val_loss, copy.deepcopy(self.model_.state_dict()), 0
            else:
                waited += 1
                if waited >= self.patience:
                    print("no improvement, stopping")
                    break
        self.model_.load_state_dict(best_state)
        self.model_.eval()
        return self

    @torch.no_grad()
    def predict_proba(self, X):
        return self.model_(self._tensor(X)).softmax(dim=1).numpy()


def train(data):
    return MnistEstimator(seed=data.seed).fit(data.inputs, data.labels)


def predict(model, inputs):
    return model.predict_proba(inputs)
