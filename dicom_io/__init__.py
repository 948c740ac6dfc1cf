"""DICOM in and out."""

import pydicom.config

# What peers write is judged by headers and attributes. pydicom's own warnings would repeat their values, names of
# patients among them, on stderr.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
