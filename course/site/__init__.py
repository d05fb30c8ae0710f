"""The site: notebooks and handbooks as static pages (`course site`). What Sphinx is told lies in `site/`."""
