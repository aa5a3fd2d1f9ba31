"""A notebook whose metadata is nested deeper than any reader that calls itself can follow."""

DEPTH = 60_000


def make(folder):
    deep = '{"a":' * DEPTH + "0" + "}" * DEPTH
    cell = '{"cell_type":"code","metadata":%s,"outputs":[],"execution_count":null,"source":"x = 1"}' % deep
    path = folder / "solution.ipynb"
    path.write_text('{"nbformat":4,"nbformat_minor":4,"metadata":{},"cells":[%s]}' % cell)
    return path
