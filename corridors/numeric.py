"""What counts as a number where one is asked for."""

from __future__ import annotations

import math
from typing import Any, TypeGuard

import numpy as np


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a value is a real number, Python's or NumPy's; truth values and NaN are none.

    Examples
    --------
    >>> [is_number(value) for value in (1, np.int64(1), np.float32(0.5), math.inf)]
    [True, True, True, True]
    >>> [is_number(value) for value in (True, "1", math.nan, None, 1j, 10**400)]
    [False, False, False, False, False, False]
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        return False
    try:
        return not math.isnan(value)
    except OverflowError:  # an int that no float can hold
        return False
