"""`python -m relvid_core`."""

from relvid_core.cli import main

raise SystemExit(main())
