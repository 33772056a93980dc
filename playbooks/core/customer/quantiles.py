"""Distributions inverted from uniforms, on floats or arrays alike."""

from __future__ import annotations

from typing import Any

import numpy as np

# Wichura 1988, algorithm AS 241 (PPND16): about 16 digits. Coefficients from the constant term up.
_CENTRE = (
    (3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
     45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727),
    (1.0, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077,
     21213.794301586595867, 39307.895800092710610, 28729.085735721942674, 5226.4952788528545610),
)  # fmt: skip
_MIDDLE = (
    (1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
     1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4),
    (1.0, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
     0.148103976427480074590, 0.0151986665636164571966, 5.47593808499534494600e-4, 1.05075007164441684324e-9),
)  # fmt: skip
_TAIL = (
    (6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230,
     0.0265321895265761230930, 0.00124266094738807843860, 2.71155556874348757815e-5, 2.01033439929228813265e-7),
    (1.0, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15),
)  # fmt: skip
_EDGE = 2.0**-54  # streams give 0; its logarithm is not wanted


def normal(u: Any) -> Any:
    """The standard normal quantile of a uniform."""
    p = np.clip(u, _EDGE, 1.0 - 2.0**-53)
    q = p - 0.5
    r = np.sqrt(-np.log(np.minimum(p, 1.0 - p)))
    outer = np.where(r <= 5.0, _ratio(_MIDDLE, r - 1.6), _ratio(_TAIL, r - 5.0))
    value = np.where(np.abs(q) <= 0.425, q * _ratio(_CENTRE, 0.180625 - q * q), np.copysign(outer, q))
    return value if value.ndim else float(value)


def log_logistic(u: Any, median: Any, shape: Any) -> Any:
    """The quantile of a log-logistic time: median · (u / (1 − u))^(1 / shape)."""
    p = np.clip(u, _EDGE, 1.0 - 2.0**-53)
    return median * np.power(p / (1.0 - p), 1.0 / shape)


def logistic(z: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-z))


def _ratio(pair: tuple[tuple[float, ...], tuple[float, ...]], r: Any) -> Any:
    return _polynomial(pair[0], r) / _polynomial(pair[1], r)


def _polynomial(coefficients: tuple[float, ...], r: Any) -> Any:
    value = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        value = value * r + coefficient
    return value
