# zoo: imdb | refused: torchtext is no longer developed
from torchtext import data, datasets

TEXT = data.Field(lower=True)
