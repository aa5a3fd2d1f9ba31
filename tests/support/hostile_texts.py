"""Texts that try to break out of a page, a template, a spreadsheet or a terminal."""

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<b>bold</b>",
    "' onmouseover='alert(1)",
    "[red]x",
    "{{ 7 * 7 }}{% raw %}",
    "\u202egnp.exe",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    '=HYPERLINK("http://example.invalid","x")',
    "javascript:alert(1)",
    "%{customdata[0]}",
    "]]><svg onload=alert(1)>",
    "a\x00b\x1b[31mc",
    "\u2028alert(1)",
]
