"""Programs that are given away: an export packs them, and they run on somebody else's machine.

They stand alone, apart from the installed grader, which they call as a command: nothing in here is
imported by the rest, and nothing in here imports it.
"""
