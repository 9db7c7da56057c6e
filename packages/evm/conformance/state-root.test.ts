import { bytesToHex, type Hex } from '@enigma/protocol'
import { createMPT } from '@ethereumjs/mpt'
import { MerkleStateManager } from '@ethereumjs/statemanager'
import { createAccount, createAddressFromString, hexToBytes } from '@ethereumjs/util'
import { expect, test } from 'vitest'
import type { World } from '../src/testing/engine.ts'
import { randomFrom } from './fuzz/random.ts'
import { stateRoot } from './state-root.ts'
import { wordOf } from './values.ts'

test('nothing has the root of an empty trie', () => {
  expect(stateRoot(new Map())).toBe('0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421')
})

test('worlds of every size up to 40 accounts have the root that @ethereumjs/mpt builds', async () => {
  const random = randomFrom(1)
  for (let size = 1; size <= 40; size++) {
    const world: World = new Map()
    for (let i = 0; i < size; i++) {
      const slots = Array.from({ length: random.below(9) }, () => [
        wordOf(random.word()),
        wordOf(1n + random.word() / 2n),
      ])
      world.set(bytesToHex(random.bytes(20)), {
        nonce: BigInt(random.below(300)),
        balanceWei: random.word(),
        code: random.bytes(random.below(3)),
        storage: new Map(slots as [Hex, Hex][]),
      })
    }
    expect(stateRoot(world)).toBe(await rootByOthers(world))
  }
})

async function rootByOthers(world: World): Promise<string> {
  const state = new MerkleStateManager({ trie: await createMPT({ useKeyHashing: true }) })
  for (const [text, { nonce, balanceWei, code, storage }] of world) {
    const address = createAddressFromString(text)
    await state.putAccount(address, createAccount({ nonce, balance: balanceWei }))
    if (code.length > 0) await state.putCode(address, code)
    for (const [slot, value] of storage) await state.putStorage(address, hexToBytes(slot), trimmed(hexToBytes(value)))
  }
  await state.flush()
  return bytesToHex(await state.getStateRoot())
}

function trimmed(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0))
}
