"""Is the product working? Health, alarms, figures for monitors, recovery."""
