import type { Hex } from '@enigma/protocol'
import { createPublicClient, createWalletClient, getAddress, UserRejectedRequestError } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { additionAbi } from '../../../examples/addition/abi.ts'
import { loanAbi } from '../../../examples/loan/abi.ts'
import { createEnigma, type ProgressEvent } from './index.ts'
import { add } from './testing/fake-worker.ts'
import { EPOCH_BLOCKS, startWorld, type World } from './testing/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

const addition = (a: bigint, b: bigint) =>
  ({ address: world.addition, abi: additionAbi, functionName: 'add', args: [a, b] }) as const
const upper = (hex: Hex) => `0x${hex.slice(2).toUpperCase()}` as const
/** Has the selected worker add, as soon as it is asked to. */
const serving = (event: ProgressEvent) => {
  if (event.type === 'requested') void world.serve(event.taskId, add)
}

describe('call', () => {
  test('returns the value of the private function, decoded by its ABI, after one transaction', async () => {
    const { enigma, wire } = await world.enigma()
    const events: ProgressEvent[] = []
    const onProgress = (event: ProgressEvent) => {
      events.push(event)
      serving(event)
    }
    expect(await enigma.call({ ...addition(2n, 40n), onProgress })).toBe(42n)
    expect(wire.sent).toHaveLength(1)
    expect(events.map(({ type }) => type)).toEqual([
      'verifying',
      ...Array(3).fill('verified'),
      'encrypted',
      'sent',
      'requested',
      'selected',
      'settled',
    ])
    const verified = events.flatMap((event) => (event.type === 'verified' ? [event.worker] : []))
    expect(verified.map(({ rank, trustRoot }) => [rank, trustRoot])).toEqual([
      [0, 'simulated'],
      [1, 'simulated'],
      [2, 'simulated'],
    ])
    const [requested, settled] = events.slice(-3).filter(({ type }) => type !== 'selected')
    expect(requested).toMatchObject({ type: 'requested', gas: expect.any(BigInt) })
    expect(settled).toMatchObject({ type: 'settled', seat: verified[0]?.seat, rank: 0, status: 0, delivered: true })
  })

  test('what it sends shows nothing of the arguments', async () => {
    const { enigma, wire } = await world.enigma()
    const secret = 0x5ec2e7_5ec2e7_5ec2e7_5ec2e7n
    await enigma.call({ ...addition(secret, 1n), onProgress: serving })
    expect(JSON.stringify(wire.sent)).not.toContain(secret.toString(16))
    expect(wire.sent).toHaveLength(1)
  })

  test('calls that run side by side take different slots and nonces', async () => {
    const { enigma, wire } = await world.enigma()
    const slots = new Set<number>()
    const onProgress = (event: ProgressEvent) => {
      if (event.type === 'verifying') slots.add(event.slot)
      serving(event)
    }
    const sums = await Promise.all([1n, 2n, 3n, 4n, 5n].map((n) => enigma.call({ ...addition(n, n), onProgress })))
    expect(sums).toEqual([2n, 4n, 6n, 8n, 10n])
    expect(slots).toEqual(new Set([0, 1, 2, 3, 4]))
    expect(wire.sent).toHaveLength(5)
  })

  test('a node that has not heard of our last transaction yet does not make us use its nonce again', async () => {
    const { enigma, wire } = await world.enigma()
    wire.alter('eth_getTransactionCount', () => '0x0')
    await world.client.setAutomine(false)
    try {
      const onProgress = (event: ProgressEvent) => {
        if (event.type === 'sent' && wire.sent.length === 2)
          void world.client.setAutomine(true).then(() => world.mine(1))
        serving(event)
      }
      const sums = await Promise.all([1n, 2n].map((n) => enigma.call({ ...addition(n, n), onProgress })))
      expect(sums).toEqual([2n, 4n])
    } finally {
      await world.client.setAutomine(true)
    }
  })

  test('calls one after the other use the same slot again', async () => {
    const { enigma } = await world.enigma()
    const slots: number[] = []
    const onProgress = (event: ProgressEvent) => {
      if (event.type === 'verifying') slots.push(event.slot)
      serving(event)
    }
    await enigma.call({ ...addition(1n, 1n), onProgress })
    await enigma.call({ ...addition(1n, 2n), onProgress })
    expect(slots).toEqual([0, 0])
  })

  test('pays from the balance of the slot first', async () => {
    const { enigma, user } = await world.enigma()
    await enigma.fund({ slot: 0, amountGwei: 10_000_000n })
    const before = await world.client.getBalance({ address: user.address })
    let feeGwei = 0n
    let gas = 0n
    const onProgress = (event: ProgressEvent) => {
      if (event.type === 'requested') ({ feeGwei, gas } = event)
      serving(event)
    }
    await enigma.call({ ...addition(1n, 1n), onProgress })
    const spentWei = before - (await world.client.getBalance({ address: user.address }))
    expect(feeGwei).toBeGreaterThan(0n)
    // Gas alone left the account, at no more than the 3 gwei that anvil asks for.
    expect(spentWei).toBeLessThan(gas * 3n * 10n ** 9n)
    expect(spentWei).toBeLessThan(feeGwei * 10n ** 9n)
  })

  test('seals anew for the next epoch when the one it sealed for passes before it is sent', async () => {
    const { enigma, wire } = await world.enigma()
    const epochs: number[] = []
    let passed = false
    wire.before('eth_estimateGas', async () => {
      if (passed) return
      passed = true
      const block = await world.client.getBlockNumber()
      const epoch = Number((block - world.genesisBlock) / BigInt(EPOCH_BLOCKS)) + 1
      await world.startEpoch(epoch)
      await world.mine(10)
    })
    const onProgress = (event: ProgressEvent) => {
      if (event.type === 'verifying') epochs.push(event.epoch)
      serving(event)
    }
    expect(await enigma.call({ ...addition(20n, 3n), onProgress })).toBe(23n)
    expect(epochs).toHaveLength(2)
    expect(epochs[1]).toBe((epochs[0] ?? 0) + 1)
    expect(wire.sent).toHaveLength(1)
  })

  test.each(['request', 'answer'] as const)(
    'S20: sends the same bytes again when the %s is lost, and pays once',
    async (what) => {
      const { enigma, wire, user } = await world.enigma()
      wire.loseNext('eth_sendRawTransaction', what)
      expect(await enigma.call({ ...addition(4n, 4n), onProgress: serving })).toBe(8n)
      expect(new Set(wire.sent.map((params) => JSON.stringify(params))).size).toBe(1)
      expect(await world.client.getTransactionCount({ address: user.address })).toBe(1)
    },
  )

  test('works with a wallet that signs by itself, beside an RPC that reads', async () => {
    const { wire } = await world.enigma()
    // One of anvil's own accounts: it signs for them, as a browser's wallet does.
    const account = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
    const walletClient = createWalletClient({ account, transport: wire.transport })
    const publicClient = createPublicClient({ transport: wire.transport })
    const { network } = world
    const options = { network, allowSimulated: true, fetch: world.fetchCollateral(), pollIntervalMs: 5 }
    const enigma = createEnigma({ walletClient, publicClient, ...options })
    expect(await enigma.call({ ...addition(9n, 9n), onProgress: serving })).toBe(18n)
    expect(wire.asked).toContain('eth_sendTransaction')

    wire.sent.length = 0
    wire.before('eth_sendTransaction', () => {
      throw new UserRejectedRequestError(new Error('no'))
    })
    await expect(enigma.call(addition(1n, 1n))).rejects.toMatchObject({ code: 'USER_REJECTED' })
    expect(wire.sent).toEqual([])
  })

  test('takes hex in any case, as viem gives it', async () => {
    const { network } = world
    const loud = { ...network, enigma: getAddress(network.enigma), measurements: network.measurements.map(upper) }
    const { enigma } = await world.enigma({ network: loud })
    const address = getAddress(world.addition)
    expect(await enigma.call({ ...addition(3n, 5n), address, onProgress: serving })).toBe(8n)
  })

  test('a progress callback that throws costs nothing', async () => {
    const { enigma } = await world.enigma()
    const onProgress = (event: ProgressEvent) => {
      serving(event)
      throw new Error('broken progress bar')
    }
    expect(await enigma.call({ ...addition(1n, 6n), onProgress })).toBe(7n)
  })

  test('takes structs and lists, and returns several values as a list', async () => {
    const { enigma } = await world.enigma()
    const terms = await world.client.readContract({ address: world.loan, abi: loanAbi, functionName: 'termsVersion' })
    const applicant = '0x00000000000000000000000000000000000000AA'
    const output =
      `0x${[BigInt(applicant), 1000n, 320n, BigInt(terms), 7n].map((word) => word.toString(16).padStart(64, '0')).join('')}` as const
    const offer = await enigma.call({
      address: world.loan,
      abi: loanAbi,
      functionName: 'score',
      args: [5000n, 100n, [{ amount: 10n, daysLate: 0 }], terms],
      onProgress: (event) => {
        if (event.type === 'requested') void world.serve(event.taskId, () => ({ output }))
      },
    })
    expect(offer).toEqual([applicant, 1000n, 320n, terms, 7n])
  })
})
