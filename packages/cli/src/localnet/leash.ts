// Preloaded into every Node process of the local network: it ends when the process that started it is gone.
// SIGTERM first, so that the program cleans up as it would on Ctrl-C; a program that is stuck is ended hard.

/** How long a process may take to end by itself once nobody waits for it. */
const GRACE_MS = 5_000

process.once('disconnect', () => {
  setTimeout(() => process.exit(1), GRACE_MS).unref()
  process.kill(process.pid, 'SIGTERM')
})
// A listener keeps the channel, and with it the process, alive; the program alone decides how long it runs.
process.channel?.unref()
