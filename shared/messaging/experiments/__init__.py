"""Who a rollout lets in and which variant of a message they read: pure functions of seeds and a person's id."""
