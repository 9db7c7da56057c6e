import {
  bytesToHex,
  concatBytes,
  hexToBytes,
  hkdf32,
  hpkeSeal,
  inputContext,
  KIND,
  keccak256,
  keyIdOf,
  networkHash,
  openReply,
  recoverSigner,
  replyContext,
  type Task,
  utf8,
  webCrypto,
} from '@enigma/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Miss, SignedReceipt } from './calls.ts'
import { address, assemble, dApp, RETURN_TOP, revertWith, selector, word, words } from './testing/assemble.ts'
import { attestedWorker } from './testing/core-in-process.ts'
import {
  ADD,
  ALICE,
  adder,
  asked,
  BOB,
  DAPP,
  NETWORK,
  proverAfter,
  request,
  runToReceipt,
  type Wish,
} from './testing/world.ts'

const replySecret = new Uint8Array(32).fill(9)
const EMPTY = new Uint8Array(0)

let worker: Awaited<ReturnType<typeof attestedWorker>>
beforeAll(async () => {
  worker = await attestedWorker()
})

function wish(over: Partial<Wish> = {}): Wish {
  return { code: adder, callable: ADD, args: words(40, 2), recipients: [worker.inputKey], ...over }
}

/** A task that returns a slot of its dApp's. */
function reading(value: number): Wish {
  const code = dApp({ 'f()': `0x01 SLOAD ${RETURN_TOP}` })
  const world = { storage: { [DAPP]: { [word(1)]: word(value) } } }
  return wish({ code, callable: 'f()', args: EMPTY, world })
}

async function receiptOf(over: Partial<Wish>, misses?: Miss[]): Promise<SignedReceipt> {
  return runToReceipt(worker.core, await request(wish(over)), misses)
}

/** A dApp with one function, run with a reply key; gives the reason that its requester reads. */
async function reasonOf(body: string, over: Partial<Wish> = {}): Promise<string> {
  const replyKey = bytesToHex(await webCrypto.publicKey(replySecret))
  const code = dApp({ 'f()': body })
  const receipt = await receiptOf({ code, callable: 'f()', args: EMPTY, replyKey, ...over })
  expect(receipt.status).toBe(1)
  const context = replyContext({ networkHash: networkHash(NETWORK), dApp: DAPP, taskId: receipt.taskId })
  const keys = [{ publicKey: replyKey, secretKey: replySecret }]
  const message = await openReply({ envelope: receipt.output, context, keys })
  expect(bytesToHex(message.subarray(0, 4))).toBe('0x08c379a0')
  return new TextDecoder().decode(message.subarray(68)).replaceAll('\0', '')
}

describe('a task', () => {
  test('ends with the return value of the dApp’s own function', async () => {
    const receipt = await receiptOf({})
    expect(receipt).toMatchObject({ status: 0, output: words(42) })
  })

  test('is signed by the attested signer, over the digest that settlement recovers', async () => {
    const receipt = await receiptOf({})
    expect(recoverSigner(receipt.digest, receipt)).toBe(worker.signer)
  })

  test('runs on the state that its host proves, once each fact', async () => {
    const code = dApp({ 'total()': `0x01 SLOAD 0x02 SLOAD ADD 0x01 SLOAD ADD ${RETURN_TOP}` })
    const misses: Miss[] = []
    const world = { storage: { [DAPP]: { [word(1)]: word(20), [word(2)]: word(2) } } }
    const receipt = await receiptOf({ code, callable: 'total()', args: EMPTY, world }, misses)
    expect(receipt).toMatchObject({ status: 0, output: words(42) })
    expect(misses.flatMap(({ slots }) => slots.map(({ slot }) => slot))).toEqual([word(1), word(2)])
  })

  test('needs no miss where it reads nothing but itself', async () => {
    const { params } = await request(wish())
    expect(await worker.core.execute(params)).toMatchObject({ kind: 'receipt', status: 0 })
  })

  test('S13: run again it ends in the same bytes', async () => {
    const asked = await request(wish())
    const [first, second] = [await runToReceipt(worker.core, asked), await runToReceipt(worker.core, asked)]
    expect(second).toEqual(first)
  })

  test('several wait for their proofs side by side', async () => {
    const [one, two] = [await request(reading(20)), await request(reading(2))]
    const [first, second] = [await worker.core.execute(one.params), await worker.core.execute(two.params)]
    if (first.kind !== 'miss' || second.kind !== 'miss') throw new Error('Both lack a slot.')
    const answer = { execution: second.execution, ...proverAfter(two)(second) }
    expect(await worker.core.state(answer)).toMatchObject({ output: words(2) })
    const other = { execution: first.execution, ...proverAfter(one)(first) }
    expect(await worker.core.state(other)).toMatchObject({ output: words(20) })
    await expect(worker.core.state(other)).rejects.toMatchObject({ code: 'UNKNOWN_EXECUTION' })
  })

  test('the oldest of too many that wait makes room', async () => {
    const steps = []
    for (let i = 0; i < 9; i++) steps.push(await worker.core.execute((await request(reading(1))).params))
    const [oldest, next] = steps
    if (oldest?.kind !== 'miss' || next?.kind !== 'miss') throw new Error('All lack a slot.')
    const nothing = { accounts: [], slots: [], nodes: [], codes: [] }
    await expect(worker.core.state({ execution: oldest.execution, ...nothing })).rejects.toMatchObject({
      code: 'UNKNOWN_EXECUTION',
    })
    expect(await worker.core.state({ execution: next.execution, ...nothing })).toMatchObject({ kind: 'miss' })
  })
})

describe('a task fails with a signed receipt', () => {
  test('whose output is empty where the requester left no reply key', async () => {
    const code = dApp({ 'f()': revertWith('too poor') })
    const receipt = await receiptOf({ code, callable: 'f()', args: EMPTY })
    expect(receipt).toMatchObject({ status: 1, output: EMPTY })
    expect(recoverSigner(receipt.digest, receipt)).toBe(worker.signer)
  })

  test('whose reason only the requester reads', async () => {
    expect(await reasonOf(revertWith('too poor'))).toBe('too poor')
  })

  test('with the same bytes from every rank', async () => {
    const other = await attestedWorker()
    const replyKey = bytesToHex(await webCrypto.publicKey(replySecret))
    const code = dApp({ 'f()': revertWith('too poor') })
    const recipients = [worker.inputKey, other.inputKey]
    const params = await request(wish({ code, callable: 'f()', args: EMPTY, replyKey, recipients }))
    const [a, b] = [await runToReceipt(worker.core, params), await runToReceipt(other.core, params)]
    expect(a.output).toEqual(b.output)
    expect(a.output.length).toBeGreaterThan(0)
    expect(a.digest).toBe(b.digest)
    expect(recoverSigner(b.digest, b)).toBe(other.signer)
  })

  test('where the reason does not fit the output cap, without it', async () => {
    const replyKey = bytesToHex(await webCrypto.publicKey(replySecret))
    const code = dApp({ 'f()': revertWith('too poor') })
    const receipt = await receiptOf({ code, callable: 'f()', args: EMPTY, replyKey, task: { outputCap: 32 } })
    expect(receipt).toMatchObject({ status: 1, output: EMPTY })
  })

  test('S19: where its gas runs out', async () => {
    expect(await reasonOf('loop: @loop JUMP', { task: { gasClass: 0 } })).toBe('Enigma: out of gas')
  })

  test('S19: where its output passes the cap that the task states', async () => {
    const code = dApp({ 'f()': '0x0400 PUSH0 RETURN', 'g()': '0x0401 PUSH0 RETURN' })
    expect(await receiptOf({ code, callable: 'f()', args: EMPTY })).toMatchObject({ status: 0 })
    expect(await receiptOf({ code, callable: 'g()', args: EMPTY })).toMatchObject({ status: 1, output: EMPTY })
    expect(await reasonOf('0x0401 PUSH0 RETURN')).toBe('Enigma: output over its cap')
  })

  test('S19: where it takes too much memory', async () => {
    const bomb = `0x01 0x100000 MSTORE PUSH0 PUSH0 0x04 PUSH0 ${DAPP} GAS
      ${selector('f()')}${'00'.repeat(28)} PUSH0 MSTORE STATICCALL STOP`
    expect(await reasonOf(bomb, { task: { gasClass: 12 } })).toBe('Enigma: more than 1048576 words of memory')
  })

  test('S8: where the dApp borrows code', async () => {
    const body = `PUSH0 PUSH0 PUSH0 PUSH0 ${address(0xbad)} GAS DELEGATECALL STOP`
    expect(await reasonOf(body)).toBe('Enigma: delegatecall as the dApp')
  })

  test('S8: where the dApp’s code is a pointer to other code (EIP-7702), and nothing is run or opened', async () => {
    const code = concatBytes(new Uint8Array([0xef, 0x01, 0x00]), new Uint8Array(20).fill(7))
    const misses: Miss[] = []
    expect(await receiptOf({ code }, misses)).toMatchObject({ status: 1, output: EMPTY })
    expect(misses).toEqual([])
  })

  test.each([
    ['the dApp closes the function to private calls', dApp({ [ADD]: 'STOP' }, { closed: [ADD] })],
    ['the dApp knows no private calls', assemble('PUSH0 PUSH0 REVERT')],
    ['the account answers anything with nothing', assemble('STOP')],
    ['what it answers is no bytes4', assemble(`0x${'ff'.repeat(32)} ${RETURN_TOP}`)],
    ['what it answers is shorter than a word', assemble('0xaabbccdd 0xe0 SHL PUSH0 MSTORE 0x04 PUSH0 RETURN')],
    ['what it answers is longer than a word', assemble('0xaabbccdd 0xe0 SHL PUSH0 MSTORE 0x40 PUSH0 RETURN')],
    ['it takes for ever to answer', assemble('loop: @loop JUMP')],
  ])('S26: where %s; the inputs stay closed', async (_, code) => {
    // Inputs that could not be opened would end as status 2.
    const receipt = await receiptOf({ code, sealedFor: { requester: BOB } })
    expect(receipt).toMatchObject({ status: 1, output: EMPTY })
  })
})

describe('inputs that are addressed to this Core and do not open end as status 2', () => {
  test.each([
    ['S9: another user re-submits them', { requester: BOB }],
    ['S9: they are taken to another slot', { slot: 1 }],
    ['S9: they are used a second time', { seq: 2n }],
    ['S8: another function gets them', { callable: selector('leak(uint256,uint256)') }],
    ['S8: another dApp gets them', { dApp: address(0xbad) }],
    ['S8: other code gets them', { codeHash: keccak256(new Uint8Array([1])) }],
    ['S25: another network gets them', { networkHash: word(0xbad) }],
  ])('%s', async (_, sealedFor) => {
    const receipt = await receiptOf({ sealedFor })
    expect(receipt).toMatchObject({ status: 2, output: EMPTY })
    expect(recoverSigner(receipt.digest, receipt)).toBe(worker.signer)
  })

  test('a plaintext that is no message', async () => {
    const { params } = await request(wish())
    const inputs = await sealedBadly(params.task)
    const task = { ...params.task, inputsHash: keccak256(inputs) }
    expect(await runToReceipt(worker.core, asked({ task, inputs, code: adder }))).toMatchObject({ status: 2 })
  })

  test('a ciphertext that was changed after sealing', async () => {
    const { params } = await request(wish())
    const inputs = Uint8Array.from(params.inputs)
    inputs[inputs.length - 1] = (inputs.at(-1) as number) ^ 1
    const task = { ...params.task, inputsHash: keccak256(inputs) }
    expect(await runToReceipt(worker.core, asked({ task, inputs, code: adder }))).toMatchObject({ status: 2 })
  })
})

describe('Core refuses, unsigned', () => {
  test('inputs that are not the task’s', async () => {
    const [{ params }, other] = [await request(wish()), await request(wish())]
    const { inputs } = other.params
    await expect(worker.core.execute({ ...params, inputs })).rejects.toMatchObject({ code: 'BAD_INPUTS' })
  })

  test('S18: inputs that are no envelope', async () => {
    const { params } = await request(wish())
    for (const inputs of [EMPTY, params.inputs.slice(0, 100), concatBytes(params.inputs, EMPTY, new Uint8Array(1))]) {
      const task = { ...params.task, inputsHash: keccak256(inputs) }
      await expect(worker.core.execute({ ...params, inputs, task })).rejects.toMatchObject({ code: 'BAD_INPUTS' })
    }
  })

  test('inputs that none of its keys opens', async () => {
    const stranger = await attestedWorker()
    const { params } = await request(wish({ recipients: [stranger.inputKey] }))
    await expect(worker.core.execute(params)).rejects.toMatchObject({ code: 'NOT_ADDRESSED' })
  })

  test.each([
    ['a gas class that is none', { gasClass: 13 }],
    ['an output cap above the network’s', { outputCap: 8_193 }],
    ['callback gas above the network’s', { callbackGas: 8_000_001 }],
  ])('%s', async (_, task) => {
    const { params } = await request(wish({ task }))
    await expect(worker.core.execute(params)).rejects.toMatchObject({ code: 'BAD_TASK' })
  })
})

test('a task sees its requester as caller and origin, whoever serves it', async () => {
  const code = dApp({ 'who()': `CALLER ORIGIN EQ CALLER ADD ${RETURN_TOP}` })
  expect(await receiptOf({ code, callable: 'who()', args: EMPTY })).toMatchObject({ output: words(BigInt(ALICE) + 1n) })
})

/** An envelope that opens, by a client that pads with something else than zeros. */
async function sealedBadly(task: Task): Promise<Uint8Array> {
  const context = inputContext({ networkHash: networkHash(NETWORK), ...task })
  const contentKey = new Uint8Array(32).fill(1)
  const derived = (use: string) => hkdf32(contentKey, { info: utf8(`enigma/envelope-${use}/v1`) })
  const head = new Uint8Array([1, 1, KIND.inputs, 1])
  const keyId = hexToBytes(keyIdOf(worker.inputKey))
  const info = concatBytes(utf8('enigma/envelope/v1'), new Uint8Array([KIND.inputs]))
  const aad = concatBytes(head, keyId, context)
  const { enc, ciphertext } = await hpkeSeal({
    recipient: hexToBytes(worker.inputKey),
    info,
    aad,
    plaintext: contentKey,
  })
  const outside = concatBytes(head, keyId, enc, ciphertext, derived('commit'))
  const padded = new Uint8Array(128).fill(0xff, 64)
  const bodyAad = concatBytes(outside, context)
  return concatBytes(outside, await webCrypto.sealAes256Gcm(derived('body'), new Uint8Array(12), bodyAad, padded))
}
