"""A whole desk in one thread and in virtual time: the real SQL and the real dialing code against a provider, processes
and people that do the worst they may, decided by a seed. `python -m bench.simulation --seeds 100`.
"""
