/**
 * Waits for a condition of another process or event loop turn; the only waiting in tests.
 */

export async function until(
  holds: () => boolean | Promise<boolean>,
  what = 'the condition',
  withinMs = 20_000,
): Promise<void> {
  const endMs = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`${what} did not come true within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
