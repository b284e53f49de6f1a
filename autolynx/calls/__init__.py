"""One call: a message of Vapi -> an event -> the database; reading it, hanging up."""
