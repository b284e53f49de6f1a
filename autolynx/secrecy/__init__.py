"""What is a secret: which parts of the provider's JSON are, and how easily one is guessed."""
