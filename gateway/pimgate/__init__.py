"""pimgate: one model of who sees which address book and calendar, spoken in several protocols."""

__version__ = "0.1.0"
