"""Files that belong to a record: recognised by content, stored sealed in pieces, scanned for viruses, handed out safely.

    kinds, recognise     what a file is, by its content and never by its name, and what is not taken
    store                sealed pieces in PostgreSQL, in and out with bounded memory (`tables` makes them)
    scanning, clamd      a worker's task that hands waiting files to a virus scanner
    settings             limits and the scanner's address, from the environment
    download             the answer that carries a file and never shows it

What a file belongs to, who may open it and who did is the service's business.
"""
