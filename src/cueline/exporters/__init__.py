"""Records to the exchange formats of the field."""
