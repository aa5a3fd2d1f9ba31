TAKEN_OVER = True


def loads(text):
    return {"score": 100}
