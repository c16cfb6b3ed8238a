"""The add-in's VBA: modules as text, and the generated function wrappers."""
