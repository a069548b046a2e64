import numpy as np
import pytest
import scipy.signal

from earshot.signal.windows import window_weights


@pytest.mark.parametrize("n_fft", [4, 255, 1024])
@pytest.mark.parametrize(("window", "name"), [("hann", "hann"), ("rectangular", "boxcar")])
def test_windows_equal_scipys(window, name, n_fft):
    expected = scipy.signal.get_window(name, n_fft)
    np.testing.assert_allclose(window_weights(window, n_fft), expected, rtol=0, atol=1e-15)
