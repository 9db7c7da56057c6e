import { type CallParams, CoreError, type Step } from '@enigma/core/calls'
import { createRpc } from '@enigma/process'
import {
  type Anvil,
  createManualClock,
  createRecordedLog,
  type LyingProxy,
  startAnvil,
  startLyingProxy,
  until,
} from '@enigma/process/testing'
import {
  bytesToHex,
  type Hex,
  hexToBytes,
  keccak256,
  keyRegistryOf,
  PRIVATE_CALLS,
  pendingWord,
  registrySlot,
  signerAddress,
  signHeader,
  slotKey,
} from '@enigma/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Computer, createComputer } from './compute.ts'
import type { WorkerCore } from './core-host.ts'
import type { TaskRow } from './journal.ts'
import { createObservations } from './observed.ts'
import { createStateSource } from './state.ts'
import { createFakeCores, type FakeCores } from './testing/fake-core.ts'
import { addressOf, DOMAIN, hashOf, sampleRow, sampleTask } from './testing/tasks.ts'

const OBSERVER_KEY = new Uint8Array(32).fill(0x0b)
const CODE: Hex = '0x6000'
const DAPP = addressOf(2)
/** Contracts with as much code as code can have, each with its own. */
const LARGE = Array.from({ length: 14 }, (_, index) => addressOf(0x40 + index))
const network = {
  ...DOMAIN,
  observers: [signerAddress(OBSERVER_KEY)],
  threshold: 1,
  depth: 0,
  simulated: true,
  serial: 0,
}
const REGISTRY = keyRegistryOf(DOMAIN.enigma)
const keyWords = [registrySlot.state, registrySlot.commitment(1), registrySlot.commitment(2)].map((slot) => ({
  address: REGISTRY,
  slot,
}))
/** Says of every function that it prefetches two slots, and never makes a private call. */
const PREFETCHER = addressOf(0x31)
const prefetching = (): Hex => {
  const ranges = [32n, 1n, BigInt(PREFETCHER), 0x40n, 2n].map((value) => value.toString(16).padStart(64, '0'))
  return `0x60a0600a5f3960a05ff3${ranges.join('')}`
}
/** Names a private call. */
const DIARY = addressOf(0x32)
const DIARY_CODE: Hex = `0x73${PRIVATE_CALLS.random.slice(2)}`
const slotAt = (byte: number) => ({ address: DAPP, slot: hashOf(byte) })

let anvil: Anvil
let proxy: LyingProxy
let row: TaskRow
/** Likewise, for other dApps. */
let rows: { prefetcher: TaskRow; diary: TaskRow }
beforeAll(async () => {
  anvil = await startAnvil()
  proxy = await startLyingProxy(anvil.url)
  const set = (what: string, ...params: unknown[]) => anvil.rpc.call(`anvil_set${what}`, params)
  await set('Code', DAPP, CODE)
  for (const byte of [0x11, 0x12, 0x13]) await set('StorageAt', DAPP, hashOf(byte), hashOf(byte))
  for (const [index, address] of LARGE.entries())
    await set('Code', address, `0x${index.toString(16).padStart(2, '0').repeat(24_576)}`)
  await set('Code', DOMAIN.enigma, '0x00')
  const waiting = async (slot: number, dApp: Hex, code: Hex) => {
    const sample = sampleTask(slot, { dApp, createdBlock: 1n, codeHash: keccak256(hexToBytes(code)) })
    const word = `0x${pendingWord(sample.id).toString(16)}`
    await set('Code', dApp, code)
    await set('StorageAt', DOMAIN.enigma, slotKey(sample.task.requester, slot), word)
    return sample
  }
  const { id, task, packed } = await waiting(1, DAPP, CODE)
  const others = [await waiting(2, PREFETCHER, prefetching()), await waiting(3, DIARY, DIARY_CODE)] as const
  await anvil.mine()
  const block = (await anvil.rpc.call('eth_getBlockByNumber', ['0x1', false])) as { hash: Hex }
  row = sampleRow(1, { id, task, packed, anchor: block.hash })
  const [prefetcher, diary] = others
  rows = {
    prefetcher: sampleRow(2, { ...prefetcher, anchor: block.hash }),
    diary: sampleRow(3, { ...diary, anchor: block.hash }),
  }
  // What is proven is the state of that block and not the newest. Anvil keeps a block's state when the next one is mined.
  await anvil.mine()
  await set('StorageAt', DOMAIN.enigma, slotKey(task.requester, task.slot), hashOf(0))
  await anvil.mine(2)
})
afterAll(async () => {
  await proxy?.stop()
  await anvil?.stop()
})

let cores: FakeCores
let core: WorkerCore
let clock: ReturnType<typeof createManualClock>
let log: ReturnType<typeof createRecordedLog>
let computer: Computer
/** What Core was called with, by call. */
let asked: { execute: CallParams<'execute'>[]; state: CallParams<'state'>[] }
/** Methods that the node was asked for, in order. */
let methods: string[]
/** How often proofs were asked for. */
let fetches: number
let areObserversThere: boolean
beforeEach(async () => {
  methods = []
  proxy.lie = ({ method }) => void methods.push(method)
  cores = createFakeCores(network)
  const real = await cores.launch({ role: 'worker', network, platform: 'simulated', platformName: 'machine-1' })
  asked = { execute: [], state: [] }
  core = {
    ...real,
    execute: (params) => {
      asked.execute.push(params)
      return real.execute(params)
    },
    state: (params) => {
      asked.state.push(params)
      return real.state(params)
    },
  }
  clock = createManualClock()
  log = createRecordedLog()
  const source = createStateSource(createRpc(proxy.url))
  fetches = 0
  const node: typeof source = {
    ...source,
    state: (...request) => {
      fetches++
      return source.state(...request)
    },
  }
  areObserversThere = true
  const observers = {
    observe: async ({ number, hash }: { number: bigint; hash: Hex }) =>
      areObserversThere
        ? {
            kind: 'observed' as const,
            signatures: [signHeader(OBSERVER_KEY, { chainId: DOMAIN.chainId, number, hash })],
          }
        : { kind: 'silent' as const, signatures: [] },
  }
  const observations = createObservations({ observers, node, clock, log })
  computer = createComputer({ node, observations, enigma: DOMAIN.enigma, generations: () => [1, 2], clock, log })
})
const compute = (isOver?: () => boolean) => computer.compute(core, row, isOver)

test('S10: Core believes a task by its slot word, code and block, all proven, and is asked once', async () => {
  expect(await compute()).toMatchObject({ taskId: row.id })
  expect(asked.state).toEqual([])
  const [first] = asked.execute
  expect(first?.proof.accounts).toEqual([DAPP, DOMAIN.enigma, REGISTRY])
  expect(first?.proof.slots).toEqual([
    { address: DOMAIN.enigma, slot: slotKey(row.task.requester, row.task.slot) },
    ...keyWords,
  ])
  expect(first?.proof.codes.map(bytesToHex)).toEqual([CODE])
  expect(keccak256(first?.header as Uint8Array)).toBe(row.anchor)
})

test('what Core asks for is proven to it, each node once', async () => {
  cores.reads = { accounts: [addressOf(0x77)], slots: [slotAt(0x11), slotAt(0x12), slotAt(0x55)] }
  expect(await compute()).toMatchObject({ taskId: row.id })
  expect(asked.state).toHaveLength(1)
  const nodes = [asked.execute[0]?.proof, asked.state[0]].flatMap((proof) => proof?.nodes.map(bytesToHex) ?? [])
  expect(new Set(nodes).size).toBe(nodes.length)
  expect(computer.figures()).toMatchObject({ tasks: 1, misses: 1 })
})

test('what a function read last time is brought along: no question, one round trip for all of it, no code twice', async () => {
  cores.reads = { accounts: [], slots: [slotAt(0x11), slotAt(0x12)] }
  await compute()
  expect(await compute()).toMatchObject({ taskId: row.id })
  // After the miss the dApp was asked once more whether it prefetches anything.
  methods = []
  expect(await compute()).toMatchObject({ taskId: row.id })
  expect(asked.state).toHaveLength(1)
  expect(asked.execute.slice(1).map(({ proof }) => proof.slots.length)).toEqual([3, 3])
  expect(methods).toEqual(['eth_getProof', 'eth_getProof'])
})

test('what the dApp prefetches comes along with its first task', async () => {
  const slots = [0x40, 0x41].map((value) => ({
    address: PREFETCHER,
    slot: `0x${value.toString(16).padStart(64, '0')}` as Hex,
  }))
  cores.reads = { accounts: [PREFETCHER], slots }
  expect(await computer.compute(core, rows.prefetcher)).toMatchObject({ taskId: rows.prefetcher.id })
  expect(asked.execute[0]?.proof.slots).toEqual(expect.arrayContaining(slots))
  expect(asked.state).toEqual([])
})

test('the key registry’s words come along, without its code, but not for code that is known to make no private call', async () => {
  const ownOf = (at: number) => asked.execute[at]?.proof.slots.filter(({ address }) => address === REGISTRY)
  for (let time = 0; time < 2; time++) await computer.compute(core, rows.diary)
  expect([ownOf(0), ownOf(1)]).toEqual([keyWords, keyWords])
  expect(asked.execute[1]?.proof.codes.map(bytesToHex)).toEqual([DIARY_CODE])
  for (let time = 0; time < 2; time++) await compute()
  expect([ownOf(2), ownOf(3)]).toEqual([keyWords, []])
})

test('while observers are away, the node is not asked for proofs at every look', async () => {
  areObserversThere = false
  await expect(compute()).rejects.toMatchObject({ code: 'OBSERVERS_MISSING' })
  await until(() => fetches === 1, 'the first look')
  for (let look = 0; look < 3; look++) await expect(compute()).rejects.toMatchObject({ code: 'OBSERVERS_MISSING' })
  await new Promise(setImmediate)
  expect(fetches).toBe(1)
  areObserversThere = true
  await clock.advance(3_000)
  expect(await compute()).toMatchObject({ taskId: row.id })
})

describe('frames', () => {
  /** As it goes over the pipe. */
  const lengthOf = (params: object) =>
    JSON.stringify(params, (_, value) =>
      value instanceof Uint8Array ? bytesToHex(value) : typeof value === 'bigint' ? String(value) : value,
    ).length

  test('hold what a frame holds, and what does not fit follows in parts', async () => {
    cores.reads = { accounts: LARGE, slots: [slotAt(0x11)] }
    for (let time = 0; time < 2; time++) expect(await compute()).toMatchObject({ taskId: row.id })
    expect(asked.state.length).toBeGreaterThan(1)
    for (const params of [...asked.execute, ...asked.state]) expect(lengthOf(params)).toBeLessThan(1_000_000)
    // The second time some of it came along, with all that must be there.
    expect(asked.execute[1]?.proof.codes.length).toBeGreaterThan(10)
  })
})

describe('S20: a node that lies', () => {
  type Proof = { storageProof: { key: string; value: string; proof: Hex[] }[]; accountProof: Hex[] }
  const onProof = (change: (proof: Proof) => Partial<Proof>) => {
    proxy.lie = ({ method }, answer) =>
      method === 'eth_getProof' ? { ...(answer as Proof), ...change(answer as Proof) } : undefined
  }
  const last = (nodes: Hex[]) =>
    nodes.map((node, index): Hex => (index === nodes.length - 1 ? (`${node.slice(0, -2)}00` as Hex) : node))

  test.each<[string, () => void]>([
    ['invents an account', () => onProof(({ accountProof }) => ({ accountProof: last(accountProof) }))],
    [
      'invents storage',
      () =>
        onProof(({ storageProof }) => ({
          storageProof: storageProof.map((one) => ({ ...one, proof: last(one.proof) })),
        })),
    ],
    ['leaves nodes out', () => onProof(({ accountProof }) => ({ accountProof: accountProof.slice(0, -1) }))],
    ['pads', () => onProof(({ accountProof }) => ({ accountProof: [...accountProof, `0x${'c0'.repeat(40)}`] }))],
    [
      'proves another block',
      () => {
        proxy.lie = undefined
        const latest = {
          method: 'eth_getProof',
          params: [DOMAIN.enigma, [slotKey(row.task.requester, row.task.slot)], 'latest'],
        }
        let other: unknown
        void anvil.rpc.call(latest.method, latest.params).then((answer) => {
          other = answer
        })
        proxy.lie = ({ method, params }) =>
          method === 'eth_getProof' && params[0] === DOMAIN.enigma ? other : undefined
      },
    ],
    [
      'swaps the code',
      () => {
        proxy.lie = ({ method }) => (method === 'eth_getCode' ? '0x6001' : undefined)
      },
    ],
  ])('%s: is doubted, waited for, and believed when it tells the truth', async (_, lie) => {
    lie()
    await expect(compute()).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
    const executions = asked.execute.length
    // Not asked again at once.
    await expect(compute()).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
    expect(asked.execute).toHaveLength(executions)
    proxy.lie = undefined
    await clock.advance(10_000)
    expect(await compute()).toMatchObject({ taskId: row.id })
    expect(computer.trouble()).toBeNull()
    expect(computer.figures().tasks).toBe(1)
  })

  test('is not asked again at every look either where its answer is no proof at all', async () => {
    proxy.lie = ({ method }, answer) => {
      methods.push(method)
      return method === 'eth_getProof' ? { ...(answer as Proof), accountProof: [`0x${'00'.repeat(533)}`] } : undefined
    }
    await expect(compute()).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
    methods = []
    await expect(compute()).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
    expect(methods).toEqual([])
  })

  test('is named in the log once and in the status, with what to do', async () => {
    onProof(({ accountProof }) => ({ accountProof: accountProof.slice(0, -1) }))
    for (let time = 0; time < 3; time++) {
      await expect(compute()).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
      await clock.advance(10_000)
    }
    expect(computer.trouble()).toEqual({ code: 'BAD_PROOF', hint: expect.stringContaining('RPC') })
    expect(log.lines.filter(({ event }) => event === 'state-not-proven')).toMatchObject([{ code: 'BAD_PROOF' }])
    proxy.lie = undefined
    await compute()
    expect(log.events().at(-1)).toBe('state-proven-again')
  })
})

describe('a Core that is broken', () => {
  const stepping = (execute: Step, state: Step = execute) => ({
    execute: async () => execute,
    state: async () => state,
  })
  const miss: Step = { kind: 'miss', execution: 3, accounts: [], slots: [slotAt(0x11)] }

  test('and answers for another task is refused', async () => {
    const receipt = await compute()
    const wrong = stepping({ ...receipt, taskId: hashOf(99) })
    await expect(computer.compute(wrong, row)).rejects.toMatchObject({ code: 'WRONG_RECEIPT' })
  })

  test('S20: or asks for ever, as it does where the node named code wrongly: both are doubted, and the task waits', async () => {
    await expect(computer.compute(stepping(miss), row)).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
    expect(computer.trouble()).toMatchObject({ code: 'ENDLESS_TASK' })
    await clock.advance(10_000)
    expect(await compute()).toMatchObject({ taskId: row.id })
  })

  test('or slow: a task whose windows are over is left at its next question', async () => {
    let questions = 0
    const endless = {
      execute: async () => miss,
      state: async (): Promise<Step> => ({ ...miss, slots: [slotAt(0x20 + questions)] }),
    }
    const computing = computer.compute(endless, row, () => ++questions > 3)
    await expect(computing).rejects.toMatchObject({ code: 'WINDOW_OVER' })
  })
})

test('a task that needs a secret which Core lacks waits, is said once, and is tried as soon as Core has more', async () => {
  const lacking = { ...core, execute: async () => Promise.reject(new CoreError('NO_SECRET')) }
  for (let look = 0; look < 3; look++) {
    await expect(computer.compute(lacking, row)).rejects.toMatchObject({ code: 'NO_SECRET' })
    await clock.advance(10_000)
  }
  expect(computer.secretTrouble()).toEqual({ code: 'NO_SECRET', hint: expect.stringContaining('join') })
  expect(computer.trouble()).toBeNull()
  await expect(computer.compute(lacking, row)).rejects.toMatchObject({ code: 'NO_SECRET' })
  // Held off: Core is not asked again.
  await expect(compute()).rejects.toMatchObject({ code: 'NO_SECRET' })
  computer.secretReceived()
  expect(await compute()).toMatchObject({ taskId: row.id })
  expect(log.events()).toEqual(['secret-missing', 'secret-here'])
  expect(computer.secretTrouble()).toBeNull()
})
