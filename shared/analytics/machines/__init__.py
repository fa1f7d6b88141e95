"""Who is taken for a machine, and an operator's word against it."""
