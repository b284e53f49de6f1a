"""A campaign: before it starts, as it goes, when it is over."""
