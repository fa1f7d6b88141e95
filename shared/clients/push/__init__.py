"""Push notifications to devices: FCM, and a recorder that keeps what would have been sent."""
