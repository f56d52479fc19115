// Tells the pages that are still open that somebody signed in: they go on saving.
new BroadcastChannel("kept").postMessage({ signedIn: true });
