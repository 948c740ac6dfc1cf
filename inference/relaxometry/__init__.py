"""Iriondo 2020: T1rho and T2 maps of the discs, and cohorts of them in one space. Pure."""
