"""Sets of people as compressed bitmaps (Roaring), and integers of people as slices of them."""
