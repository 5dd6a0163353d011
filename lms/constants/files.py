"""How large a file may be that somebody hands in."""

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
UPLOAD_LIMITS = {  # bytes
    "video": 1024 * 1024 * 1024,
    "audio": 256 * 1024 * 1024,
    "package": 200 * 1024 * 1024,
    "document": 20 * 1024 * 1024,
    "certificate": 5 * 1024 * 1024,  # handed in to be verified; ours have a fiftieth of that
    "workbook": 30 * 1024 * 1024,
    "picture": 5 * 1024 * 1024,
}
