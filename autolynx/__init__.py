"""AutoLynx: an outbound AI-calling desk."""
