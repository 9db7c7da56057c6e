import { describe, expect, test } from 'vitest'
import { type Hex, utf8, ZERO_HASH } from './bytes.ts'
import { inputContext, replyContext } from './context.ts'
import { webCrypto } from './crypto.ts'
import { openInputs, sealInputs } from './inputs.ts'
import { sealReason } from './reason.ts'
import { openReply } from './sealed.ts'
import { nodeCrypto, testKeys } from './testing/support.ts'

const hash = (digit: string): Hex => `0x${digit.repeat(64)}`
const address = (digit: string): Hex => `0x${digit.repeat(40)}`
const NETWORK = { networkHash: hash('1'), dApp: address('2') }
const context = inputContext({
  ...NETWORK,
  codeHash: hash('3'),
  callable: '0xdeadbeef',
  requester: address('4'),
  slot: 5,
  seq: 6n,
})
const workers = [await testKeys('a'), await testKeys('b')]
const reader = await testKeys('reader')
const FAILURE = { ...NETWORK, taskId: hash('7'), anchor: hash('8'), reason: utf8('Too young'), outputCap: 1024 }

/** The inputs of one task, as each of its two workers opened them. */
async function opened(replyKey: Hex = reader.publicKey) {
  const recipients = workers.map(({ publicKey }) => publicKey)
  const envelope = await sealInputs({ recipients, context, replyKey, args: utf8('age 17') })
  return Promise.all(workers.map((key) => openInputs({ envelope, context, keys: [key] }, nodeCrypto)))
}

describe('sealReason', () => {
  test('tells the requester why, and nobody else', async () => {
    const [inputs] = await opened()
    const envelope = await sealReason({ inputs: inputs as never, ...FAILURE })
    const asReply = replyContext({ ...NETWORK, taskId: FAILURE.taskId })
    expect(await openReply({ envelope, context: asReply, keys: [reader] })).toEqual(FAILURE.reason)
    await expect(openReply({ envelope, context: asReply, keys: workers })).rejects.toThrow(
      expect.objectContaining({ code: 'ENVELOPE_NOT_ADDRESSED' }),
    )
  })

  test('S23: makes the same bytes at every worker, so that no two honest receipts differ', async () => {
    const both = await opened()
    const [one, two] = await Promise.all([
      sealReason({ inputs: both[0] as never, ...FAILURE }, nodeCrypto),
      sealReason({ inputs: both[1] as never, ...FAILURE }, webCrypto),
    ])
    expect(one).toEqual(two)
  })

  test('never uses an ephemeral key for two texts: another branch, task or reason has another', async () => {
    const [inputs] = await opened()
    const changes = [{}, { anchor: hash('a') }, { taskId: hash('a') }, { reason: utf8('Too olden') }]
    const sealed = await Promise.all(
      changes.map((change) => sealReason({ inputs: inputs as never, ...FAILURE, ...change })),
    )
    const encs = sealed.map((envelope) => String(envelope.slice(12, 44)))
    expect(new Set(encs).size).toBe(changes.length)
  })

  test('is empty without a reply key, and for one that nothing can be sealed to', async () => {
    for (const replyKey of [ZERO_HASH, `0x01${'00'.repeat(31)}` as const]) {
      const [inputs] = await opened(replyKey)
      expect(await sealReason({ inputs: inputs as never, ...FAILURE })).toEqual(new Uint8Array(0))
    }
  })

  test('is empty where it would pass the output cap, which settlement refuses', async () => {
    const [inputs] = await opened()
    const { length } = await sealReason({ inputs: inputs as never, ...FAILURE })
    expect(length).toBe(92)
    const sizes = await Promise.all(
      [92, 91, 0].map(
        async (outputCap) => (await sealReason({ inputs: inputs as never, ...FAILURE, outputCap })).length,
      ),
    )
    expect(sizes).toEqual([92, 0, 0])
  })
})
