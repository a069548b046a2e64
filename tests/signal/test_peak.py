import numpy as np

from earshot.signal.peak import normalize_peak


def test_the_peak_is_1_and_the_shape_stays():
    signal = np.array([0.1, -0.25, 0.2], np.float32)
    normalized = normalize_peak(signal)
    assert normalized.dtype == np.float32
    np.testing.assert_allclose(normalized, [0.4, -1, 0.8], rtol=1e-6)


def test_silence_stays_silent():
    np.testing.assert_array_equal(normalize_peak(np.zeros(5, np.float32)), 0)
