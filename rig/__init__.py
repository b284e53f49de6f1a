"""What tests and bench run the product on: PostgreSQL servers, its processes, stand-ins, books to compare with."""
