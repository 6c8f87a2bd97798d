"""The chapters of the whole chain: each does what one role does on its pages, and looks at what it then sees."""
