"""Figures across campaigns, and exports."""
