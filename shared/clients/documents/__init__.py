"""Documents: the port (``port``), Cloud Firestore (``firestore``) and the embedded twin (``embedded``)."""
