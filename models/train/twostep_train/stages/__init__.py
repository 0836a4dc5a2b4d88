"""One file a stage; each has run(job) and is resumed by calling it again."""
