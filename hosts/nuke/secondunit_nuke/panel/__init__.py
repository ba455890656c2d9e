"""The dockable panel and the menu: what a person sees. Never loaded in terminal mode."""
