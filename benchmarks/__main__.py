"""`make bench`: seconds, recall and memory of trainings; name data folders to run it on them too."""

from benchmarks.speed import main

main()
