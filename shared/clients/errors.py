"""What a store may answer instead of doing it. Vendor errors never leave this package.

StoreError
├── AlreadyExists      create met a document: for an operation document that means «done»
├── Missing            update met no document
├── Stale              an update-time or existence precondition failed: read again
├── Contended          another transaction is in the way: try again after a pause
├── StoreUnavailable   no answer in time, or refused; a write may or may not have happened
│   └── Overloaded     it asks for less: slow down
└── Refused            the store would never take it: too large, missing index, wrong receipt
"""


class StoreError(Exception):
    """Root of what a store may answer."""


class AlreadyExists(StoreError):
    """Create met an existing document."""


class Missing(StoreError):
    """Update met no document."""


class Stale(StoreError):
    """A precondition failed."""


class Contended(StoreError):
    """Another transaction is in the way."""


class StoreUnavailable(StoreError):
    """No answer in time, or refused for now; whether a write happened is unknown."""


class Overloaded(StoreUnavailable):
    """It asks for less: whoever writes in bulk slows down."""


class Refused(StoreError):
    """The store would never take it."""
