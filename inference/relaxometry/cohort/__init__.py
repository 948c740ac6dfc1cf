"""Maps of many studies in the space of one atlas, and what they have in common; needs the `cohort` extra. Pure."""
