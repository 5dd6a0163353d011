"""Pages of classrooms: the college's, and the learner's at the wall."""
