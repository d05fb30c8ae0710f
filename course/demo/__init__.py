"""The lecture demo: a page on this machine, with a tab for each thing to show.

What a tab computes is in a module of its own (`drawing`, `live`, `layers`, `seeing`, `breaking`, `zoo`) that knows
nothing of the page; `tabs/` puts it on the page; `look/` is how the page looks.
"""
