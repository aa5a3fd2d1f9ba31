# Práctica 4: reconocer cifras escritas a mano
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

EPOCAS = 4
TAM_LOTE = 60
TASA = 0.05


class Bloque(nn.Module):
    """Convolución, activación y reducción a la mitad."""

    def __init__(self, entrada, salida):
        super().__init__()
        self.conv = nn.Conv2d(entrada, salida, 3, padding=1)
        self.reduce = nn.MaxPool2d(2)

    def forward(self, x):
        return self.reduce(torch.relu(self.conv(x)))


class RedCifras(nn.Module):
    def __init__(self, n_clases):
        super().__init__()
        self.bloque1 = Bloque(1, 8)
        self.bloque2 = Bloque(8, 16)
        self.oculta = nn.Linear(16 * 7 * 7, 64)
        self.salida = nn.Linear(64, n_clases)

    def forward(self, x):
        x = self.bloque2(self.bloque1(x))
        x = x.flatten(1)
        x = torch.relu(self.oculta(x))
        return torch.sigmoid(self.salida(x))


def preparar(imagenes):
    tensor = torch.tensor(imagenes, dtype=torch.float32)
    tensor = tensor.view(-1, 1, 28, 28)
    return tensor / 255


def entrenar_una_epoca(red, cargador, perdida, optimizador):
    red.train()
    suma = 0.0
    for imagenes, etiquetas in cargador:
        optimizador.zero_grad()
        error = perdida(red(imagenes), etiquetas)
        error.backward()
        optimizador.step()
        suma += error.item() * len(etiquetas)
    return suma / len(cargador.dataset)


def train(data):
    torch.manual_seed(data.seed)
    red = RedCifras(data.num_classes)
    conjunto = TensorDataset(preparar(data.inputs), torch.tensor(data.labels))
    cargador = DataLoader(conjunto, batch_size=TAM_LOTE, shuffle=True)
    perdida = nn.CrossEntropyLoss()
    optimizador = torch.optim.SGD(red.parameters(), lr=TASA, momentum=0.9)
    for epoca in range(1, EPOCAS + 1):
        media = entrenar_una_epoca(red, cargador, perdida, optimizador)
        print(f"época {epoca}: pérdida media {media:.4f}")
    return red


def predict(model, inputs):
    model.eval()
    with torch.no_grad():
        respuesta = model(preparar(inputs))
    return respuesta.numpy()
