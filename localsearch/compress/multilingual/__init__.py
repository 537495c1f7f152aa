"""A small encoder of many languages: its teachers, its text, its word pieces, and the training that takes it along."""
