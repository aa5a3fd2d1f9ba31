"""Imports what is not installed."""

import a_package_that_nobody_has


def train(data):
    return a_package_that_nobody_has.Model()
