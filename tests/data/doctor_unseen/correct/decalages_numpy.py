# TP 3 : réseau convolutif, avec des images décalées au hasard pendant l'entraînement
import numpy as np
import torch
from torch import nn

N_EPOQUES = 5
TAILLE_LOT = 50
DECALAGE_MAX = 2


def decaler(images, hasard):
    """Décale chaque image de quelques pixels ; le bord devient noir."""
    m = DECALAGE_MAX
    grandes = np.pad(images, ((0, 0), (m, m), (m, m)))
    resultat = np.empty_like(images)
    for i, (dy, dx) in enumerate(hasard.integers(0, 2 * m + 1, size=(len(images), 2))):
        resultat[i] = grandes[i, dy:dy + 28, dx:dx + 28]
    return resultat


def en_tenseur(images):
    return torch.from_numpy(images.astype(np.float32) / 255).unsqueeze(1)


class Reseau(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.extraire = nn.Sequential(
            nn.Conv2d(1, 12, 3, stride=2), nn.ReLU(),
            nn.Conv2d(12, 24, 3), nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.decider = nn.Sequential(nn.Flatten(), nn.Linear(24 * 5 * 5, 64), nn.ReLU(), nn.Linear(64, n_classes))

    def forward(self, x):
        return self.decider(self.extraire(x))


def train(data):
    torch.manual_seed(data.seed)
    hasard = np.random.default_rng(data.seed)
    etiquettes = torch.from_numpy(np.array(data.labels))
    reseau = Reseau(data.num_classes)
    perte = nn.CrossEntropyLoss()
    optimiseur = torch.optim.Adam(reseau.parameters(), lr=2e-3)
    planning = torch.optim.lr_scheduler.ExponentialLR(optimiseur, gamma=0.75)
    for epoque in range(N_EPOQUES):
        ordre = hasard.permutation(len(data.labels))
        somme = 0.0
        for debut in range(0, len(ordre), TAILLE_LOT):
            lot = ordre[debut:debut + TAILLE_LOT]
            x = en_tenseur(decaler(data.inputs[lot], hasard))
            y = etiquettes[lot]
            optimiseur.zero_grad()
            erreur = perte(reseau(x), y)
            erreur.backward()
            optimiseur.step()
            somme += erreur.item() * len(lot)
        planning.step()
        print(f"époque {epoque + 1} : perte moyenne {somme / len(ordre):.4f}")
    reseau.eval()
    return reseau


def predict(model, inputs):
    with torch.no_grad():
        return model(en_tenseur(inputs)).numpy()
