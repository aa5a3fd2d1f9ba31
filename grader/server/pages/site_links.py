"""Links on the pages of the site, for whoever reads them.

The site is made for a class as a whole, and on the hand-in page most of a class may open a part of
it: a board names everybody's entry, and each learner opens their own. A link that would end at
"nothing is here" is left out, and its text stays.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

# On pages that we make: no link is within another, and every value is in double quotes.
LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


def with_open_links(page: str, folder: str, is_open: Callable[[str], bool]) -> str:
    """Return a page without links that lead nowhere for its reader.

    folder: that the page lies in, from the top of the site. is_open: asked with the path of a file
    from there.
    """

    def shown(found: re.Match[str]) -> str:
        address = urlsplit(html.unescape(found.group(1)))
        is_elsewhere = address.scheme or address.netloc or address.path.startswith("/")
        if is_elsewhere or not address.path:
            return found.group()
        path = posixpath.normpath(posixpath.join(folder, unquote(address.path)))
        return found.group() if is_open(path) else f"<span>{found.group(2)}</span>"

    return LINK.sub(shown, page)
