import { beforeAll, describe, expect, test } from 'vitest'
import type { Miss } from './calls.ts'
import { address, dApp, RETURN_TOP, returnWords, word, words } from './testing/assemble.ts'
import { attestedWorker } from './testing/core-in-process.ts'
import { BOB, DAPP, request, runToReceipt, type Wish } from './testing/world.ts'

const OTHER = address(0x707)

describe('what a dApp prefetches', () => {
  let worker: Awaited<ReturnType<typeof attestedWorker>>
  beforeAll(async () => {
    worker = await attestedWorker()
  })

  const PREFETCH = 'enigmaPrefetch(bytes4)'
  const SLOTS = [1, 2, 3, 4].map((n) => ({ address: DAPP, slot: word(n) }))
  /** Reads the slot that the private input names. */
  const pick = `0x04 CALLDATALOAD SLOAD ${RETURN_TOP}`
  const picker = dApp({ 'pick(uint256)': pick, [PREFETCH]: returnWords(32, 1, DAPP, 1, 4) })
  const world = { storage: { [DAPP]: { [word(2)]: word(22), [word(3)]: word(33) } } }

  async function seen(over: Partial<Wish>) {
    const misses: Miss[] = []
    const wish = { code: picker, callable: 'pick(uint256)', args: words(2), recipients: [worker.inputKey], world }
    const receipt = await runToReceipt(worker.core, await request({ ...wish, ...over }), misses)
    return { receipt, asked: misses.map(({ accounts, slots }) => ({ accounts, slots })) }
  }

  test('is asked for at once, and the host learns nothing of what was used', async () => {
    const [two, three, none] = [await seen({}), await seen({ args: words(3) }), await seen({ args: words(4) })]
    expect([two, three, none].map(({ receipt }) => receipt.output)).toEqual([words(22), words(33), words(0)])
    for (const { asked } of [two, three, none]) expect(asked).toEqual([{ accounts: [], slots: SLOTS }])
  })

  test('is asked for before the inputs are opened', async () => {
    const { receipt, asked } = await seen({ sealedFor: { requester: BOB } })
    expect(asked).toEqual([{ accounts: [], slots: SLOTS }])
    expect(receipt).toMatchObject({ status: 2 })
  })

  test('may be another contract’s, whose account is then asked for too', async () => {
    const code = dApp({ 'pick(uint256)': pick, [PREFETCH]: returnWords(32, 1, OTHER, 9, 1) })
    const { asked } = await seen({ code })
    expect(asked[0]).toEqual({ accounts: [OTHER], slots: [{ address: OTHER, slot: word(9) }] })
  })

  test('may follow from the state, and from the function that is called', async () => {
    const answer = `0x04 CALLDATALOAD 0xe0 SHR 0x06 SLOAD ADD POP ${returnWords(32, 1, DAPP, 7, 1)}`
    const code = dApp({ 'pick(uint256)': pick, [PREFETCH]: answer })
    const { asked } = await seen({ code })
    expect(asked.map(({ slots }) => slots[0]?.slot)).toEqual([word(6), word(7), word(2)])
  })

  test('S19: fails the task where it is too much, and the inputs stay closed', async () => {
    const code = dApp({ 'pick(uint256)': pick, [PREFETCH]: returnWords(32, 1, DAPP, 0, 1_025) })
    const { receipt, asked } = await seen({ code, sealedFor: { requester: BOB } })
    expect(receipt).toMatchObject({ status: 1, output: new Uint8Array(0) })
    expect(asked).toEqual([])
  })

  test('S19: costs a gas budget of its own: a dApp that never answers prefetches nothing', async () => {
    const code = dApp({ 'pick(uint256)': pick, [PREFETCH]: 'loop: @loop JUMP' })
    const { receipt } = await seen({ code })
    expect(receipt).toMatchObject({ status: 0, output: words(22) })
  })
})
