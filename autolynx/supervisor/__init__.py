"""What `up` keeps running, how each process is tied to it, and when the whole is open."""
