"""What a method may say instead of a result. Pure.

InferenceError
├── InputUnsuitable     these images will not do, and never will: the reason is shown
├── DeviceExhausted     time, or another device, will help
├── ImplausibleResult   the method doubts itself: nothing is sent
└── WeightsUnusable     a weights file is missing or is not the one it is said to be
"""


class InferenceError(Exception):
    """Root of what inference raises."""


class InputUnsuitable(InferenceError):
    """These images will not do, and never will."""


class DeviceExhausted(InferenceError):
    """The device had no room; later or elsewhere it may."""


class ImplausibleResult(InferenceError):
    """The method doubts its own answer."""


class WeightsUnusable(InferenceError):
    """A weights file is missing, or its sha256 is not the expected one."""
