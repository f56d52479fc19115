"""What people fill: the form that starts a record, and the editor of a section, one module for each kind of block.

A section holds up to a hundred fields whose names are the template's: they are light ``Control`` values drawn by
plain partials, not Django form fields (measured: twenty times faster). The forms of acts are Django's.
"""
