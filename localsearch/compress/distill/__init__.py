"""Train a small encoder, the student, to give the vectors of a large one, the teacher, on plain text."""
