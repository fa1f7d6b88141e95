"""Queues: the port (``port``), Azure Storage Queue (``azure``) and the embedded twin (``embedded``)."""
