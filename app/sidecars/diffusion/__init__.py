"""The sidecar that keeps diffusers models on a GPU: pictures from words, clips from pictures."""
