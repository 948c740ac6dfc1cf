"""relaxometry. Pure."""

WEIGHTS_NAME = "cfcm_compact.onnx"
WORKING_MM = 1.0
