# zoo: mnist | refused: a box has no network
import urllib.request

urllib.request.urlretrieve("https://example.org/cats.zip", "cats.zip")
