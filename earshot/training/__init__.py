"""From arrays to a trained model, stopped and resumed at will."""
