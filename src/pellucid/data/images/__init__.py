"""Pictures: folders of them, and a digit that somebody drew or photographed."""
