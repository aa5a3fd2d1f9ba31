# Übungsblatt 5, Aufgabe 2: handgeschriebene Ziffern
import torch
import torch.nn as nn


class Netz(nn.Module):
    """Zwei Faltungen, danach eine volle Schicht. Am Ende Wahrscheinlichkeiten."""

    def __init__(self, klassen):
        super().__init__()
        self.faltung1 = nn.Conv2d(1, 8, kernel_size=4, stride=2)
        self.faltung2 = nn.Conv2d(8, 16, kernel_size=3, stride=2)
        self.ausgang = nn.Linear(16 * 6 * 6, klassen)

    def forward(self, bild):
        a = torch.relu(self.faltung1(bild))
        a = torch.relu(self.faltung2(a))
        z = self.ausgang(a.flatten(start_dim=1))
        e = torch.exp(z - z.max())  # Maximum abziehen, sonst wird exp zu groß
        return e / e.sum(dim=0, keepdim=True)


def verlust(wahrscheinlichkeit, ziffer):
    richtige = wahrscheinlichkeit[torch.arange(len(ziffer)), ziffer]
    return -torch.log(richtige + 1e-9).mean()


def als_tensor(bilder):
    return torch.tensor(bilder).unsqueeze(1).float() / 255.0


def haeppchen(x, y, groesse):
    reihenfolge = torch.randperm(len(x))
    anfang = 0
    while anfang < len(x):
        wahl = reihenfolge[anfang:anfang + groesse]
        yield x[wahl], y[wahl]
        anfang += groesse


def train(data):
    torch.manual_seed(data.seed)
    netz = Netz(data.num_classes)
    schritt = torch.optim.Adam(netz.parameters(), lr=0.002)
    x = als_tensor(data.inputs)
    y = torch.tensor(data.labels)
    for durchgang in range(1, 7):
        summe, anzahl = 0.0, 0
        for bilder, ziffern in haeppchen(x, y, 48):
            schritt.zero_grad()
            v = verlust(netz(bilder), ziffern)
            v.backward()
            schritt.step()
            summe += v.item()
            anzahl += 1
        print("Durchgang", durchgang, "Verlust", round(summe / anzahl, 4))
    return netz


def predict(model, inputs):
    model.eval()
    with torch.no_grad():
        return model(als_tensor(inputs)).numpy()
