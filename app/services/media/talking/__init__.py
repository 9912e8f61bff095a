"""A talking head from one photo and a recording: no model, only a picture that is bent and a mouth that is drawn."""
