"""The ways to block an event loop that `bench/loop.py` tries: one function each, its guilty lines marked `# here`.

Each is prepared outside the loop by what its generator does before its first `yield`, which hands over the
function that blocks; it is cleaned up after that. Importing the modules beside this one fills `CASES`.
"""
