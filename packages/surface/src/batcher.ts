/**
 * When does a settlement go out, alone or with others?
 *
 * At once, if nothing else of ours is being computed; else with what is ready when that is done, when a batch is full, or when the
 * next block comes, whichever is first: what waits here would have met no earlier block.
 */
import { MAX_BATCH_MEMBERS } from '@enigma/protocol'

type Parts<Row> = {
  /** Whether other tasks may be ready soon. */
  isComputing: () => boolean
  groupsOf: (rows: readonly Row[]) => Row[][]
  /** Whether they went out in one transaction; false: nothing was stored, each goes alone. Never throws. */
  sendTogether: (rows: readonly Row[], nextBlock: Promise<void>) => Promise<boolean>
  sendAlone: (row: Row) => Promise<void>
}
type Waiting<Row> = { row: Row; sent: () => void; failed: (reason: unknown) => void }

export function createBatcher<Row>({ isComputing, groupsOf, sendTogether, sendAlone }: Parts<Row>) {
  let waiting: Waiting<Row>[] = []
  let isLooking = false
  let nextBlock = Promise.withResolvers<void>()

  function flush(): void {
    const ready = waiting
    waiting = []
    const byRow = new Map(ready.map((one) => [one.row, one]))
    for (const group of groupsOf(ready.map(({ row }) => row))) {
      void send(group.map((row) => byRow.get(row) as Waiting<Row>))
    }
  }

  async function send(group: readonly Waiting<Row>[]): Promise<void> {
    const isSent =
      group.length > 1 &&
      (await sendTogether(
        group.map(({ row }) => row),
        nextBlock.promise,
      ))
    for (const { row, sent, failed } of group) {
      if (isSent) sent()
      else sendAlone(row).then(sent, failed)
    }
  }

  function look(): void {
    if (isLooking) return
    isLooking = true
    // At the end of this turn: several may have become ready in it.
    setImmediate(() => {
      isLooking = false
      if (waiting.length >= MAX_BATCH_MEMBERS || !isComputing()) flush()
    })
  }

  return {
    /** Resolves when the settlement was sent. */
    settle(row: Row): Promise<void> {
      return new Promise((sent, failed) => {
        waiting.push({ row, sent, failed })
        look()
      })
    },
    /** A computation ended. */
    look,
    /** Nothing waits for longer than a block. */
    blockCame(): void {
      nextBlock.resolve()
      nextBlock = Promise.withResolvers<void>()
      flush()
    },
  }
}
