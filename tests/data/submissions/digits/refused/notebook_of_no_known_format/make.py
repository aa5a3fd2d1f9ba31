"""A notebook of a format that does not exist, whose numbers are far too large."""


def make(folder):
    path = folder / "solution.ipynb"
    path.write_text('{"nbformat":1e999,"nbformat_minor":-1,"metadata":NaN,"cells":[{"cell_type":"code","source":{}}]}')
    return path
