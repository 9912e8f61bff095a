"""One file per family of models: how its pipeline is called and how a run of it is followed."""
