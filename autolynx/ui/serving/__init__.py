"""The server of the pages: the ASGI entry, the gate before it, signing in, and what is streamed past Streamlit."""
