import { describe, expect, test } from 'vitest'
import { HostView } from './host-view.ts'
import { address, word } from './testing/assemble.ts'
import { adder, DAPP } from './testing/world.ts'

const none = { accounts: [], slots: [], blockHashes: [] }
const slots = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ address: DAPP, slot: word(from + i), value: word(1) }))

describe('the host’s view', () => {
  test('knows what it was told, of the very account and slot', () => {
    const view = new HostView(DAPP, adder)
    view.learn({
      accounts: [{ address: DAPP, balance: 3n, code: adder }],
      slots: [{ address: DAPP, slot: word(1), value: word(2) }],
      blockHashes: [{ number: 9, hash: word(9) }],
    })
    expect(view.account(DAPP)).toMatchObject({ nonce: 0n, balance: 3n })
    expect(view.account(address(1))).toBeUndefined()
    expect(view.slot(DAPP, word(1))).toBe(word(2))
    expect(view.slot(address(1), word(1))).toBeUndefined()
    expect(view.blockHash(9)).toBe(word(9))
    expect(view.blockHash(8)).toBeUndefined()
  })

  test('takes the same fact twice, and no other in its place', () => {
    const view = new HostView(DAPP, adder)
    const hash = { number: 9, hash: word(9) }
    view.learn({ ...none, blockHashes: [hash, hash] })
    const learn = () => view.learn({ ...none, blockHashes: [{ ...hash, hash: word(8) }] })
    expect(learn).toThrow(expect.objectContaining({ code: 'BAD_STATE' }))
  })

  test('S18: is not filled by a host that sends and sends', () => {
    const view = new HostView(DAPP, adder)
    view.learn({ ...none, slots: slots(0, 1_024) })
    view.learn({ ...none, slots: slots(1_024, 1_024) })
    expect(() => view.learn({ ...none, slots: slots(4_096, 1) })).toThrow(
      expect.objectContaining({ code: 'BAD_STATE' }),
    )

    const code = new Uint8Array(24_576)
    const accounts = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => ({ address: address(from + i), balance: 0n, code }))
    const coded = new HostView(DAPP, adder)
    coded.learn({ ...none, accounts: accounts(0, 680) })
    expect(() => coded.learn({ ...none, accounts: accounts(680, 10) })).toThrow(
      expect.objectContaining({ code: 'BAD_STATE' }),
    )
  })
})
