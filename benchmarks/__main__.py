"""`make bench`: every benchmark that needs no outside data; name a data folder to run them on it."""

from benchmarks.speed import main

main()
