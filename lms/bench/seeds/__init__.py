"""What each benchmark finds in its database. Everything goes through the verbs, so every law applies."""
