"""The sizes that boxes are told against, per stride of the detector. Pure.

Width and height in pixels of the working grid: discs of 30 to 60 mm by 10 to 40 mm, the loose boxes round L5/S1 last.
"""

STRIDES = (8, 16, 32)
ANCHORS = (
    ((34.0, 13.0), (42.0, 17.0), (48.0, 22.0)),
    ((42.0, 28.0), (52.0, 32.0), (48.0, 40.0)),
    ((62.0, 26.0), (66.0, 40.0), (64.0, 56.0)),
)
