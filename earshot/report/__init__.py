"""All that a study found, as one page that opens from disk.

The files that the other stages wrote come in, read here and nowhere below; `gather` makes plain data of them, `render`
the page's HTML. Pictures and sounds go in as data URIs within a budget. This room draws no numbers of its own: what it
says of significance, of warnings and of maps comes from evaluation and explanation. The page asks for no network.
"""
