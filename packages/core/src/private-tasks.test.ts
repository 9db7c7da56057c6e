/** Whole tasks whose functions make private calls. */
import {
  bytesToHex,
  concatBytes,
  hexToBytes,
  keccak256,
  keyRegistryOf,
  networkHash,
  openReply,
  PRIVATE_CALLS,
  parseEnvelope,
  randomOf,
  randomRoot,
  registrySlot,
  replyContext,
  type SealedParts,
  utf8,
  webCrypto,
} from '@enigma/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Miss, SignedReceipt } from './calls.ts'
import { address, assemble, dApp, RETURN_TOP, returnWords, selector, word, words } from './testing/assemble.ts'
import type { World } from './testing/chain.ts'
import { attestedWorker } from './testing/core-in-process.ts'
import {
  asker,
  asking,
  calldata,
  OWNER,
  refusal,
  registryWords,
  registryWorld,
  sealed,
  secretCore,
  secretOf,
} from './testing/private-world.ts'
import { BOB, DAPP, NETWORK, proverAfter, request, runToReceipt, type Wish } from './testing/world.ts'

const OTHER = address(0x707)
const MESSAGE = utf8('what nobody else reads')
const CODE_HASH = keccak256(asker)
const SUCCEEDED = words(1)
const FAILED = words(0)
const replySecret = new Uint8Array(32).fill(9)

type SecretCore = Awaited<ReturnType<typeof secretCore>>
let core: SecretCore
beforeAll(async () => {
  core = await secretCore([1])
})

const FINAL = registryWorld({ generation: 1 })
const withContract = (code: Uint8Array): World => ({ ...FINAL, accounts: { [OTHER]: { code } } })

const half = BigInt(PRIVATE_CALLS.random) >> 1n
const odd = BigInt(PRIVATE_CALLS.random) & 1n
/** Draws a number, at an address that does not stand in its code. */
const madeUp = dApp({
  'f()': `0x20 PUSH0 PUSH0 PUSH0 ${word(half)} 0x02 MUL ${word(odd)} ADD GAS STATICCALL POP PUSH0 MLOAD ${RETURN_TOP}`,
})

function wish(over: Partial<Wish>): Wish {
  return {
    code: asker,
    callable: 'ask()',
    recipients: [core.inputKey],
    world: FINAL,
    task: { outputCap: 4_096 },
    ...over,
  }
}

async function receiptOf(over: Partial<Wish>, misses?: Miss[]): Promise<SignedReceipt> {
  return runToReceipt(core, await request(wish(over)), misses)
}

/** What came back from a private call that the dApp made as it was told. */
async function answerOf(args: Uint8Array, over: Partial<Wish> = {}) {
  const { status, output } = await receiptOf({ args, ...over })
  expect(status).toBe(0)
  return { isSuccess: BigInt(bytesToHex(output.subarray(0, 32))) === 1n, data: output.subarray(32) }
}

describe('a task that makes private calls', () => {
  test('opens data at rest, and seals an answer', async () => {
    const task = { dApp: DAPP, codeHash: CODE_HASH }
    const envelope = await sealed(task, { message: MESSAGE })
    const opened = await answerOf(asking(PRIVATE_CALLS.open, calldata.data(envelope)))
    expect(opened.isSuccess).toBe(true)
    expect(opened.data.subarray(64, 64 + MESSAGE.length)).toEqual(MESSAGE)

    const publicKey = bytesToHex(await webCrypto.publicKey(replySecret))
    const { taskId, output } = await receiptOf({
      args: asking(PRIVATE_CALLS.sealTo, calldata.sealTo(publicKey, MESSAGE)),
    })
    const length = Number(BigInt(bytesToHex(output.subarray(64, 96))))
    const context = replyContext({ networkHash: networkHash(NETWORK), dApp: DAPP, taskId })
    const keys = [{ publicKey, secretKey: replySecret }]
    expect(await openReply({ envelope: output.slice(96, 96 + length), context, keys })).toEqual(MESSAGE)
  })

  test('with a secret that its own Core made, once that is final', async () => {
    const { core, inputKey } = await attestedWorker()
    const { commitment } = await core.commit({ seat: 0, generation: 1 })
    const draw = async (generation: number) => {
      const world = registryWorld({ generation, minGeneration: generation, commitments: { 1: commitment } })
      return runToReceipt(core, await request(wish({ callable: 'draw()', recipients: [inputKey], world })))
    }
    expect((await draw(1)).output).not.toEqual(new Uint8Array(64))
    expect(await draw(0)).toMatchObject({
      status: 0,
      output: concatBytes(refusal('NoGeneration()'), new Uint8Array(28), refusal('NoGeneration()'), new Uint8Array(28)),
    })
  })

  test('S13: ends in the same bytes on every Core that holds the secret', async () => {
    const other = await secretCore([1])
    const args = asking(PRIVATE_CALLS.seal, calldata.data(MESSAGE))
    const asked = await request(wish({ args, recipients: [core.inputKey, other.inputKey] }))
    const [one, two] = [await runToReceipt(core, asked), await runToReceipt(other, asked)]
    expect(one.output.subarray(0, 32)).toEqual(SUCCEEDED)
    expect(two.output).toEqual(one.output)
    expect(two.digest).toBe(one.digest)
    expect(two.r).not.toBe(one.r)
  })

  test('S13: a revert does not take back the count of its draws', async () => {
    const asked = await request(wish({ callable: 'undone()' }))
    const { taskId, output } = await runToReceipt(core, asked)
    const root = randomRoot(secretOf(1), NETWORK, { dApp: DAPP, codeHash: CODE_HASH, generation: 1 })
    const drawn = [0, 1].map((counter) => randomOf(root, { taskId, anchor: asked.chain.hash, counter }))
    expect([output.subarray(0, 32), output.subarray(32)].map(bytesToHex)).toEqual(drawn)
  })

  test('S21: lets nothing of what it opened or sealed out', async () => {
    const [plain, envelope] = [
      bytesToHex(MESSAGE).slice(2),
      await sealed({ dApp: DAPP, codeHash: CODE_HASH }, { message: MESSAGE }),
    ]
    const misses: Miss[] = []
    const args = asking(PRIVATE_CALLS.seal, calldata.data(MESSAGE))
    const receipts = [
      await receiptOf({ args }, misses),
      await receiptOf({ args: asking(PRIVATE_CALLS.open, calldata.data(envelope, BOB)) }, misses),
    ]
    for (const { output } of receipts) expect(bytesToHex(output)).not.toContain(plain)
    expect(JSON.stringify(misses)).not.toContain(plain)
  })
})

describe('what its keys follow from is asked for before the inputs are open', () => {
  test('whether or not they lead to a private call', async () => {
    const harmless = dApp({ 'f()': `0x04 CALLDATALOAD @ask JUMPI STOP ask: ${PRIVATE_CALLS.random} STOP` })
    for (const ask of [0, 1]) {
      const misses: Miss[] = []
      // They would end as status 2 where they were opened.
      const sealedFor = { requester: BOB }
      const world = registryWorld({ generation: 2 })
      const parts = { code: harmless, callable: 'f()', args: words(ask), sealedFor, world }
      const rich = await secretCore([1, 2])
      const asked = await request(wish({ ...parts, recipients: [rich.inputKey] }))
      expect(await runToReceipt(rich, asked, misses)).toMatchObject({ status: 2 })
      const { accounts, slots } = registryWords([1, 2])
      expect(misses).toMatchObject([
        { accounts, slots: slots.slice(0, 1) },
        { accounts: [], slots: slots.slice(1) },
      ])
    }
  })

  test('so that a Core without the secret does not open them', async () => {
    const poor = await secretCore([])
    const { params } = await request(
      wish({ recipients: [poor.inputKey], ahead: registryWords([1]), sealedFor: { requester: BOB } }),
    )
    await expect(poor.execute(params)).rejects.toMatchObject({ code: 'NO_SECRET' })
  })

  test('and not at all where the dApp’s code names no private call', async () => {
    const poor = await secretCore([])
    const code = dApp({ 'f()': `0x2a ${RETURN_TOP}` })
    const { params } = await request(wish({ code, callable: 'f()', recipients: [poor.inputKey] }))
    expect(await poor.execute(params)).toMatchObject({ kind: 'receipt', output: words(42) })
  })

  test('but where code makes up an address: then when it is called', async () => {
    const misses: Miss[] = []
    const { output } = await receiptOf({ code: madeUp, callable: 'f()' }, misses)
    expect(misses.map(({ slots }) => slots[0]?.slot)).toEqual([registrySlot.state, registrySlot.commitment(1)])
    expect(output).not.toEqual(words(0))
  })

  test('and beside the slots that a task may read', async () => {
    const code = dApp({
      'draw()': `0x20 PUSH0 PUSH0 PUSH0 ${PRIVATE_CALLS.random} GAS STATICCALL ${RETURN_TOP}`,
      'enigmaPrefetch(bytes4)': returnWords(32, 1, DAPP, 0, 1_024),
    })
    expect(await receiptOf({ code, callable: 'draw()' })).toMatchObject({ status: 0, output: SUCCEEDED })
  })
})

describe('S13: tasks that wait while another one runs', () => {
  const sealing = (slot: number, over: Partial<Wish> = {}) =>
    request(wish({ callable: 'draw()', task: { slot, outputCap: 4_096 }, ...over }))

  test('keep their own keys and counts', async () => {
    const [one, two] = [await sealing(1), await sealing(2)]
    const waiting = await core.execute(one.params)
    if (waiting.kind !== 'miss') throw new Error('The registry is missing.')
    const second = await runToReceipt(core, two)
    const prove = proverAfter(one)
    let first = await core.state({ execution: waiting.execution, ...prove(waiting) })
    while (first.kind === 'miss') first = await core.state({ execution: first.execution, ...prove(first) })
    expect(first.output).not.toEqual(second.output)
    expect(first).toEqual(await runToReceipt(core, one))
    expect(second).toEqual(await runToReceipt(core, two))
  })

  test('find a machine that was left in the midst of a private call as good as new', async () => {
    const poor = await secretCore([])
    const { params } = await sealing(1, {
      code: madeUp,
      callable: 'f()',
      recipients: [poor.inputKey],
      ahead: registryWords([1]),
    })
    await expect(poor.execute(params)).rejects.toMatchObject({ code: 'NO_SECRET' })
    const plain = dApp({ 'f()': `RETURNDATASIZE PUSH0 MLOAD ADD 0x2a ADD ${RETURN_TOP}` })
    const next = await sealing(2, { code: plain, callable: 'f()', recipients: [poor.inputKey] })
    expect(await runToReceipt(poor, next)).toMatchObject({ status: 0, output: words(42) })
  })
})

describe('S11: the registry’s words are proven', () => {
  const waiting = async () => {
    const asked = await request(
      wish({
        callable: 'draw()',
        world: { ...FINAL, storage: { ...FINAL.storage, [OTHER]: { [registrySlot.state]: word(1) } } },
      }),
    )
    const step = await core.execute(asked.params)
    if (step.kind !== 'miss') throw new Error('The registry is missing.')
    return { step, asked }
  }

  test('and waited for while they are not', async () => {
    const { step } = await waiting()
    const nothing = { accounts: [], slots: [], nodes: [], codes: [] }
    const again = await core.state({ execution: step.execution, ...nothing })
    expect(again).toEqual(step)
  })

  test('and refused where they are another contract’s', async () => {
    const { step, asked } = await waiting()
    const prove = asked.chain.prover()
    prove(asked.first)
    const theirs = prove({ accounts: [OTHER], slots: [{ address: OTHER, slot: registrySlot.state }] })
    const registry = keyRegistryOf(NETWORK.enigma)
    const pasted = { ...theirs, accounts: [registry], slots: [{ address: registry, slot: registrySlot.state }] }
    await expect(core.state({ execution: step.execution, ...pasted })).rejects.toMatchObject({ code: 'BAD_PROOF' })
  })
})

describe('S26: nobody but the dApp itself asks, in its declared functions', () => {
  const passTo = (to: string) =>
    assemble(`CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY PUSH0 PUSH0 CALLDATASIZE PUSH0 ${to} GAS STATICCALL @ok JUMPI
      RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY RETURNDATASIZE PUSH0 REVERT
      ok: RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY RETURNDATASIZE PUSH0 RETURN`)
  const data = async () => calldata.data(await sealed({ dApp: DAPP, codeHash: CODE_HASH }, { message: MESSAGE }))

  test('not another contract that it calls', async () => {
    const answer = await answerOf(asking(OTHER, await data()), { world: withContract(passTo(PRIVATE_CALLS.open)) })
    expect(answer).toEqual({ isSuccess: false, data: refusal('ForeignFrame()') })
  })

  test('not itself where another contract called it back', async () => {
    const inner = concatBytes(hexToBytes(selector('ask()')), asking(PRIVATE_CALLS.open, await data()))
    const back = await answerOf(asking(OTHER, inner), { world: withContract(passTo(DAPP)) })
    expect(back).toEqual({ isSuccess: true, data: concatBytes(FAILED, refusal('ForeignFrame()')) })
    // The same without the contract between them.
    const own = await answerOf(asking(DAPP, inner))
    expect(own.data.subarray(0, 32)).toEqual(SUCCEEDED)
  })

  test('not a function that is closed to private calls: nothing is asked for, and nothing opened', async () => {
    const body = `0x20 PUSH0 PUSH0 PUSH0 ${PRIVATE_CALLS.random} GAS STATICCALL POP STOP`
    const code = dApp({ 'f()': body }, { closed: ['f()'] })
    const misses: Miss[] = []
    const receipt = await receiptOf({ code, callable: 'f()', sealedFor: { requester: BOB } }, misses)
    expect(receipt).toMatchObject({ status: 1, output: new Uint8Array(0) })
    expect(misses).toEqual([])
  })

  test('not by code that it borrows: that ends the task, whatever it would have asked', async () => {
    for (const opcode of ['DELEGATECALL', 'CALLCODE']) {
      const value = opcode === 'CALLCODE' ? 'PUSH0' : ''
      const code = dApp({
        'f()': `0x20 PUSH0 PUSH0 PUSH0 ${value} ${PRIVATE_CALLS.random} GAS ${opcode} ${RETURN_TOP}`,
      })
      expect(await receiptOf({ code, callable: 'f()' })).toMatchObject({ status: 1 })
    }
    const borrowing = assemble(`0x20 PUSH0 PUSH0 PUSH0 ${PRIVATE_CALLS.random} GAS DELEGATECALL ISZERO @no JUMPI STOP
      no: 0x04 PUSH0 PUSH0 RETURNDATACOPY 0x04 PUSH0 REVERT`)
    const foreign = await answerOf(asking(OTHER, new Uint8Array(0)), { world: withContract(borrowing) })
    expect(foreign).toEqual({ isSuccess: false, data: refusal('ForeignFrame()') })
  })

  test('and not what it answers to questions: there it is as on chain, where nobody is', async () => {
    const silent = `0x20 PUSH0 PUSH0 PUSH0 ${PRIVATE_CALLS.random} GAS STATICCALL POP RETURNDATASIZE`
    const code = dApp({
      'f()': `0x2a ${RETURN_TOP}`,
      'enigmaPrefetch(bytes4)': `${silent} @heard JUMPI ${returnWords(32, 1, DAPP, 5, 1)} heard: INVALID`,
    })
    const misses: Miss[] = []
    const world = { storage: { ...FINAL.storage, [DAPP]: { [word(5)]: word(1) } } }
    expect(await receiptOf({ code, callable: 'f()', world }, misses)).toMatchObject({ output: words(42) })
    expect(misses[0]?.slots).toEqual([{ address: DAPP, slot: word(5) }])
    const callback = `${silent} @heard JUMPI ${word(1n << 255n)} ${RETURN_TOP} heard: PUSH0 ${RETURN_TOP}`
    const answering = assemble(`PUSH0 CALLDATALOAD 0xe0 SHR ${selector('enigmaCallback(bytes4)')} EQ @callback JUMPI
      0x2a ${RETURN_TOP} callback: ${callback}`)
    expect(await receiptOf({ code: answering, callable: 'f()' })).toMatchObject({ output: words(42) })
  })
})

test('why a private call was refused is the function’s to tell, and the requester’s to read', async () => {
  const replyKey = bytesToHex(await webCrypto.publicKey(replySecret))
  const args = asking(PRIVATE_CALLS.open, calldata.data(MESSAGE, OWNER))
  const { status, output, taskId } = await receiptOf({ callable: 'insist()', args, replyKey })
  expect(status).toBe(1)
  const context = replyContext({ networkHash: networkHash(NETWORK), dApp: DAPP, taskId })
  const keys = [{ publicKey: replyKey, secretKey: replySecret }]
  expect(await openReply({ envelope: output, context, keys })).toEqual(refusal('DoesNotOpen()'))
  expect((parseEnvelope(output) as SealedParts).kind).toBe(3)
})
