"""Where large things are kept that are written once and seldom read."""
