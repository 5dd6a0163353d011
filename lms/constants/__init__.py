"""Settings that no environment changes, by what they are about. ``lms.settings`` takes them all in."""
