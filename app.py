"""The app: routes, nothing else. Start it with `streamlit run app.py`."""

from pages.ui.frame import load, mark_routed, route

page = route()
mark_routed()
load()
page.run()
