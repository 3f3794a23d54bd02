"""The app: routes, nothing else. Start it with `streamlit run app.py`."""

from pages.ui.frame import mark_routed, route

mark_routed()
route().run()
