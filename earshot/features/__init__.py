"""Sound to the arrays that models see."""
