/**
 * One after the other: what shares a nonce, a socket or a file must not interleave.
 */

/** Returns a function that runs the jobs given to it one at a time, in order. A failed job does not stop the next. */
export function createSerial(): <T>(job: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (job) => {
    const result = last.then(job)
    last = result.catch(() => {})
    return result
  }
}
