"""PDF documents that everybody can read: tagged for screen readers (PDF/UA-1) and made to be kept (PDF/A-2a).

A service says what a document consists of (`chassis.pdf.document`), and `chassis.pdf.printer.Printer` makes the PDF of it. What
people typed goes in as data and is never interpreted. Uses typst, with the fonts that it ships with.
"""

# Nothing is imported here: the typesetter's process starts with every document, and needs next to nothing.
