"""What several commands are made of: the console, progress, exit codes, what a run says, the site.

Nothing here is a command, and commands do not import each other: what two of them need is here.
"""
