import builtins

TAKEN_OVER = builtins.TAKEN_OVER = True
