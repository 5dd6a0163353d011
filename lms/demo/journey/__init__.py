"""The main job from end to end, on a stage of its own: an empty database, its own files, no worker, no browser.

``stage`` builds and strikes the stage; ``story`` holds who and what has come about so far; each of the other modules
tells a part. A step does something through the product's own doors, looks at what came of it and returns the fact it
measured; the first that fails ends the journey.
"""
