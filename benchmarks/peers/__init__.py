"""How others would do it: whole ways to work, written as a competent team writes them, for comparison alone."""
