"""The digital lumbar spine: anatomy, tissues, signal, artefacts, and DICOM-free series with known truth. Pure."""
