"""Sessions in a room: roster, rotating QR, credited minutes."""
