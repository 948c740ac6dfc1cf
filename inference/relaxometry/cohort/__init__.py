"""Maps of many studies in the space of one atlas, and what they have in common. Needs the `cohort` extra."""
