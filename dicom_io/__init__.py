"""DICOM in and out. Talks to: the settings and warnings of pydicom, once.

What peers write is judged here, by headers and attributes, and told in our own words. pydicom's warnings and log lines
would repeat values, names of patients among them, so they are kept quiet.
"""

import logging
import warnings

import pydicom.config

pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
warnings.filterwarnings("ignore", category=UserWarning, module=r"pydicom\.")
logging.getLogger("pydicom").setLevel(logging.CRITICAL)
