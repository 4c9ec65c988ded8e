"""Speaking: engines, sound files and the clip library. Reads `audio/`. The way in is `opening.build_clips`."""
