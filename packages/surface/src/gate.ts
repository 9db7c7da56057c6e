/**
 * Lets a few in at a time; or one alone.
 */

/** `enter` resolves to the function that leaves again. */
export function createGate(places: number) {
  let inside = 0
  let waiting: { needs: number; open: () => void }[] = []

  function admit(): void {
    for (let next = waiting[0]; next && inside + next.needs <= places; next = waiting[0]) {
      waiting = waiting.slice(1)
      inside += next.needs
      next.open()
    }
  }

  return {
    /** Alone: takes every place, and waits until all are free. First come, first served, so that it gets its turn. */
    enter(alone = false): Promise<() => void> {
      const needs = alone ? places : 1
      return new Promise((resolve) => {
        const open = () =>
          resolve(() => {
            inside -= needs
            admit()
          })
        waiting = [...waiting, { needs, open }]
        admit()
      })
    },
  }
}
