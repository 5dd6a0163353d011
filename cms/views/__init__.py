"""Pages of authoring beside Wagtail's admin."""
