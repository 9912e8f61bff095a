"""Enhancement of clips on a GPU: FlashVSR makes them larger, RIFE gives them more pictures a second."""
