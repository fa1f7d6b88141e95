"""What leaves the live stores for blobs, sealed for each person (docs/archive.md)."""
