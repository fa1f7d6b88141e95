"""Identity: the port (``port``), Firebase's rules (``tokens``), Firebase's directory (``firebase``), the local issuer (``embedded``)."""
