"""What is heard of the world in a film: sounds made by code for the words of its shots.

A *bed* lasts as long as its shot (wind, rain, a crowd) and is a loop of eleven seconds without a seam; a *call* is
heard once or twice (a bell, a knock, an owl). ``words.toml`` says which words mean which sound, ``beds.py``,
``bustle.py``, ``calls.py`` and ``things.py`` make them, ``plan.py`` decides when, ``bus.py`` plays them.
"""
