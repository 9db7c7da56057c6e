/** What a host can try with the chain that it shows to Core, and what each attempt meets. */
import { bytesToHex, pendingWord, slotKey, taskId } from '@enigma/protocol'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { CallParams, Miss } from './calls.ts'
import { address, assemble, dApp, RETURN_TOP, word, words } from './testing/assemble.ts'
import { OBSERVER_KEYS, type Proof, TestChain, type World } from './testing/chain.ts'
import { attestedWorker, coreInProcess, machine } from './testing/core-in-process.ts'
import { ALICE, type Asked, asked, BOB, DAPP, NETWORK, proverAfter, request, runToReceipt } from './testing/world.ts'

const OTHER = address(0x707)

const { chainId, enigma } = NETWORK
/** Returns two slots of the dApp's and the balance of another contract's first slot. */
const reader = dApp({ 'f()': `0x01 SLOAD 0x02 SLOAD ADD ${RETURN_TOP}` })
const WORLD: World = {
  accounts: { [OTHER]: { code: assemble('STOP') } },
  storage: {
    [DAPP]: { [word(1)]: word(40), [word(2)]: word(2), [word(3)]: word(7) },
    [OTHER]: { [word(1)]: word(1_000_000), [word(2)]: word(1_000_000) },
  },
}
const SLOTS = [1, 2].map((n) => ({ address: DAPP, slot: word(n) }))

let worker: Awaited<ReturnType<typeof attestedWorker>>
beforeAll(async () => {
  worker = await attestedWorker()
})

const refused = (params: CallParams<'execute'>) => expect(worker.core.execute(params)).rejects

function readerRequest(world: World = WORLD): Promise<Asked> {
  return request({ code: reader, callable: 'f()', recipients: [worker.inputKey], world })
}

/** A chain like the task's in all but `world`, with the host's first call shown from it. */
function shownFrom({ params, world, first }: Asked, other: World, by = OBSERVER_KEYS.slice(0, 2)) {
  const merged = { ...world, ...other, accounts: { ...world.accounts, ...other.accounts } }
  const chain = new TestChain(merged)
  const proof = chain.prover()(first)
  return { ...params, header: chain.header, signatures: chain.signatures(chainId, by), proof }
}

describe('S10: an invented task does not run', () => {
  const stateOf = (slot: bigint | number, at = enigma): World => ({
    storage: { ...WORLD.storage, [at]: { [slotKey(ALICE, 0)]: word(slot) } },
  })

  test('where the slot is free', async () => {
    const honest = await readerRequest()
    await refused(shownFrom(honest, stateOf(1n | (50_000n << 64n)))).toMatchObject({ code: 'NO_TASK' })
    await refused(shownFrom(honest, stateOf(0))).toMatchObject({ code: 'NO_TASK' })
  })

  test('where the slot holds another task', async () => {
    const honest = await readerRequest()
    const other = taskId(NETWORK, { ...honest.params.task, gasClass: 7 })
    await refused(shownFrom(honest, stateOf(pendingWord(other)))).toMatchObject({ code: 'NO_TASK' })
  })

  test('where the slot holds it as undelivered, or as the bare bits', async () => {
    const honest = await readerRequest()
    const bits = pendingWord(taskId(NETWORK, honest.params.task)) & ((1n << 254n) - 1n)
    await refused(shownFrom(honest, stateOf(bits))).toMatchObject({ code: 'NO_TASK' })
    await refused(shownFrom(honest, stateOf(bits | (3n << 254n)))).toMatchObject({ code: 'NO_TASK' })
  })

  test('whichever of its fields the host changes', async () => {
    const { params } = await readerRequest()
    const changes = [
      { requester: BOB },
      { slot: 1 },
      { seq: 2n },
      { callable: '0x01020304' },
      { callbackGas: 1 },
      { outputCap: 8_192 },
      { gasClass: 12 },
      { feeGwei: 1n },
      { restGwei: 1n },
      { epoch: 6 },
      { lane: 1 },
    ] as const
    for (const change of changes) {
      const task = { ...params.task, ...change }
      await refused({ ...params, task }).toMatchObject({ code: expect.stringMatching(/^(NO_TASK|BAD_PROOF)$/) })
    }
  })

  test('where it waits in a contract of the host’s own', async () => {
    const honest = await readerRequest()
    const own = address(0xe42)
    const word254 = pendingWord(taskId(NETWORK, honest.params.task))
    const world = {
      ...stateOf(word254, own),
      accounts: { ...honest.world.accounts, [own]: { code: assemble('STOP') } },
    }
    const chain = new TestChain(world)
    const slots = [{ address: own, slot: slotKey(ALICE, 0) }]
    const shown = { header: chain.header, signatures: chain.signatures(chainId) }
    const instead = chain.prover()({ accounts: [own, DAPP], slots })
    await refused({ ...honest.params, ...shown, proof: instead }).toMatchObject({ code: 'BAD_PROOF' })
    const pasted = { ...instead, accounts: [enigma, DAPP], slots: [{ address: enigma, slot: slotKey(ALICE, 0) }] }
    await refused({ ...honest.params, ...shown, proof: pasted }).toMatchObject({ code: 'BAD_PROOF' })
  })
})

describe('S11: invented storage is refused', () => {
  /** The honest first call with something done to its proof. */
  const tampered = async (change: (proof: Proof) => Partial<Proof>) => {
    const { params } = await request({
      code: reader,
      callable: 'f()',
      recipients: [worker.inputKey],
      world: WORLD,
      ahead: { slots: SLOTS },
    })
    return { ...params, proof: { ...params.proof, ...change(params.proof) } }
  }

  test('at any byte of any node', async () => {
    const { params } = await request({
      code: reader,
      callable: 'f()',
      recipients: [worker.inputKey],
      world: WORLD,
      ahead: { slots: SLOTS },
    })
    const { nodes } = params.proof
    for (const [index, node] of nodes.entries()) {
      for (const at of [0, 1, node.length >> 1, node.length - 1]) {
        const forged = Uint8Array.from(node)
        forged[at] = (forged[at] as number) ^ 1
        const proof = { ...params.proof, nodes: nodes.with(index, forged) }
        await refused({ ...params, proof }).toMatchObject({ code: 'BAD_PROOF' })
      }
    }
  })

  test.each<[string, (proof: Proof) => Partial<Proof>]>([
    ['truncated', ({ nodes }) => ({ nodes: nodes.slice(0, -1) })],
    ['padded', ({ nodes }) => ({ nodes: [...nodes, nodes[0] as Uint8Array] })],
    ['padded with a node of its own making', ({ nodes }) => ({ nodes: [...nodes, Uint8Array.of(0x80)] })],
    ['re-ordered', ({ nodes }) => ({ nodes: nodes.toReversed() })],
    ['with a node twice', ({ nodes }) => ({ nodes: [nodes[0] as Uint8Array, ...nodes] })],
    ['without any node', () => ({ nodes: [] })],
    [
      'for a slot of an account that is not proven',
      ({ slots }) => ({
        slots: [...slots, { address: OTHER, slot: word(1) }],
      }),
    ],
    ['with code that nobody has', ({ codes }) => ({ codes: [...codes, assemble('STOP')] })],
    ['with the same code twice', ({ codes }) => ({ codes: [...codes, ...codes] })],
  ])('in a stream that comes %s', async (_, change) => {
    await refused(await tampered(change)).toMatchObject({ code: 'BAD_PROOF' })
  })

  test('and the stream that nobody touched is not', async () => {
    await expect(worker.core.execute(await tampered(() => ({})))).resolves.toMatchObject({ output: words(42) })
  })

  test('where it is another contract’s', async () => {
    const honest = await readerRequest()
    const step = await worker.core.execute(honest.params)
    if (step.kind !== 'miss') throw new Error('Its slots are missing.')
    const theirs = honest.chain.prover()({ slots: [{ address: OTHER, slot: word(1) }] })
    const answer = { execution: step.execution, ...theirs, slots: [SLOTS[0] as (typeof SLOTS)[0]] }
    await expect(worker.core.state(answer)).rejects.toMatchObject({ code: 'BAD_PROOF' })
  })

  test('where a slot that is there is said to be empty', async () => {
    const honest = await readerRequest()
    const empty = await readerRequest({ ...WORLD, storage: { [DAPP]: { [word(3)]: word(7) } } })
    for (const nodes of [
      [],
      empty.chain
        .prover()({ accounts: [DAPP], slots: SLOTS })
        .nodes.slice(-1),
    ]) {
      const step = await worker.core.execute(honest.params)
      if (step.kind !== 'miss') throw new Error('Its slots are missing.')
      const answer = { execution: step.execution, accounts: [], slots: SLOTS, nodes, codes: [] }
      await expect(worker.core.state(answer)).rejects.toMatchObject({ code: 'BAD_PROOF' })
    }
  })

  test('where it contradicts what was proven before: there is no such proof', async () => {
    const honest = await readerRequest()
    const step = await worker.core.execute(honest.params)
    if (step.kind !== 'miss') throw new Error('Its slots are missing.')
    const prove = proverAfter(honest)
    const next = await worker.core.state({ execution: step.execution, ...prove(step) })
    if (next.kind !== 'miss') throw new Error('The second slot is missing.')
    const richer = await readerRequest({ ...WORLD, storage: { [DAPP]: { [word(1)]: word(99), [word(2)]: word(1) } } })
    const answer = richer.chain.prover()({ accounts: [DAPP], slots: SLOTS })
    await expect(worker.core.state({ execution: next.execution, ...answer })).rejects.toMatchObject({
      code: 'BAD_PROOF',
    })
    await expect(worker.core.state({ execution: next.execution, ...prove(next) })).rejects.toMatchObject({
      code: 'UNKNOWN_EXECUTION',
    })
  })

  test('and the finer reason goes to Core’s log, as a code', async () => {
    const noted: string[] = []
    const core = coreInProcess({}, machine(), (code) => noted.push(code))
    await core.restore({ sealed: worker.sealed })
    const { params } = await readerRequest()
    const unproven = { accounts: [], slots: [], nodes: [], codes: [] }
    await expect(core.execute({ ...params, proof: unproven })).rejects.toMatchObject({ code: 'BAD_PROOF' })
    const proof = { ...params.proof, nodes: params.proof.nodes.slice(1) }
    await expect(core.execute({ ...params, proof })).rejects.toMatchObject({ code: 'BAD_PROOF' })
    await expect(core.execute({ ...params, header: new Uint8Array(3) })).rejects.toMatchObject({ code: 'BAD_HEADER' })
    expect(noted).toHaveLength(3)
    expect(noted[0]).toBe('PROOF_INCOMPLETE')
    for (const code of noted) expect(code).toMatch(/^[A-Z][A-Z0-9_]{2,40}$/)
  })
})

describe('S8: other code is refused', () => {
  test('in place of the dApp’s', async () => {
    const { params } = await readerRequest()
    const proof = { ...params.proof, codes: params.proof.codes.with(-1, assemble('STOP')) }
    await refused({ ...params, proof }).toMatchObject({ code: 'BAD_PROOF' })
    const without = { ...params.proof, codes: params.proof.codes.slice(0, -1) }
    await refused({ ...params, proof: without }).toMatchObject({ code: 'BAD_PROOF' })
  })

  test('where the dApp was upgraded after the request, in the same block', async () => {
    const honest = await readerRequest()
    const upgraded = shownFrom(honest, { accounts: { [DAPP]: { code: assemble('STOP') } } })
    await refused(upgraded).toMatchObject({ code: 'BAD_CODE' })
  })

  test('where the dApp is gone', async () => {
    const honest = await readerRequest()
    const { [DAPP]: _, ...accounts } = honest.world.accounts ?? {}
    const { [DAPP]: __, ...storage } = honest.world.storage ?? {}
    const chain = new TestChain({ accounts, storage })
    const shown = { header: chain.header, signatures: chain.signatures(chainId), proof: chain.prover()(honest.first) }
    await refused({ ...honest.params, ...shown }).toMatchObject({ code: 'BAD_CODE' })
  })
})

describe('S13: the receipt is a function of the task and its block', () => {
  test('in whatever order and parts the host proves, whatever it adds', async () => {
    const extra = [...SLOTS, { address: DAPP, slot: word(3) }, { address: OTHER, slot: word(1) }]
    const honest = await readerRequest()
    const reference = await runToReceipt(worker.core, honest)
    expect(reference).toMatchObject({ status: 0, output: words(42) })
    const parts = fc.shuffledSubarray(extra)
    await fc.assert(
      fc.asyncProperty(parts, parts, fc.boolean(), async (ahead, later, isPatient) => {
        const { task, inputs } = honest.params
        const accounts = ahead.some(({ address: at }) => at === OTHER) ? [OTHER] : []
        const again = asked({ task, inputs, code: reader }, { world: WORLD, ahead: { accounts, slots: ahead } })
        expect(bytesToHex(again.params.header)).toBe(bytesToHex(honest.params.header))
        const prove = proverAfter(again)
        let step = await worker.core.execute(again.params)
        if (isPatient && step.kind === 'miss') {
          const some = later.filter(({ address: at }) => at === DAPP)
          step = await worker.core.state({ execution: step.execution, ...prove({ slots: some }) })
        }
        while (step.kind === 'miss') step = await worker.core.state({ execution: step.execution, ...prove(step) })
        expect(step).toEqual(reference)
      }),
      { numRuns: 12 },
    )
  })

  test('branches of a reorganisation give receipts that differ in their anchor', async () => {
    const honest = await readerRequest()
    const { task, inputs } = honest.params
    const fork = asked({ task, inputs, code: reader }, { world: WORLD, header: { timestamp: 1_700_000_012n } })
    const [one, two] = [await runToReceipt(worker.core, honest), await runToReceipt(worker.core, fork)]
    expect(one.taskId).toBe(two.taskId)
    expect(one.output).toEqual(two.output)
    expect(one.digest).not.toBe(two.digest)
  })
})

test('a miss names accounts whose slots it wants and that are not proven yet', async () => {
  const other = `0x20 PUSH0 PUSH0 PUSH0 ${OTHER} GAS STATICCALL POP PUSH0 MLOAD ${RETURN_TOP}`
  const code = dApp({ 'f()': other })
  const world = {
    accounts: { [OTHER]: { code: assemble(`0x01 SLOAD ${RETURN_TOP}`) } },
    storage: { [OTHER]: { [word(1)]: word(5) } },
  }
  const misses: Miss[] = []
  const honest = await request({ code, callable: 'f()', recipients: [worker.inputKey], world })
  expect(await runToReceipt(worker.core, honest, misses)).toMatchObject({ output: words(5) })
  expect(misses.map(({ accounts, slots }) => ({ accounts, slots }))).toEqual([
    { accounts: [OTHER], slots: [] },
    { accounts: [], slots: [{ address: OTHER, slot: word(1) }] },
  ])
})
