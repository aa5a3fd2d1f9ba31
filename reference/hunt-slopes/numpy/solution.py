"""One polynomial for each gradient check: bent, bent twice, and hardly sloped far out.

Claim: breaks every function of the task `hunt-slopes`, whatever sizes are asked for.
Evidence: `grader run reference/hunt-slopes/numpy --task hunt-slopes` ends as accepted with 100
points.
Machine: the claim depends on none.
"""

import numpy as np


def one_term(k, power, factor):
    """Return the k coefficients of factor * x**power."""
    coefficients = np.zeros(k)
    coefficients[power] = factor
    return coefficients


def breaks_one_sided(k, largest):
    """(c * h**2 - 0) / h is c * h, and the slope at 0 is 0."""
    return one_term(k, 2, largest), 0.0


def breaks_central(k, largest):
    """Squares cancel between the two sides, cubes do not: c * h**2 is left."""
    return one_term(k, 3, largest), 0.0


def breaks_tiny_step(k, largest):
    """Near 1000 the next number a float64 can hold is 1e-13 away: x + h is x, and the slope 1 is
    measured as 0.
    """
    return one_term(k, 1, 1.0), largest
