"""What every page shares: its frame and theme, who looks at it, formats, charts, acts, errors."""
