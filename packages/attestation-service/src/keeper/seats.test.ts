import { leafOf, platformRecord } from '@enigma/attestation'
import { createSimulatedPki } from '@enigma/attestation/simulated'
import { enigmaAbi } from '@enigma/contracts'
import { openDatabase, type Rpc, RpcError } from '@enigma/process'
import { bytesToHex, type Hex } from '@enigma/protocol'
import { encodeAbiParameters, encodeEventTopics, encodeFunctionResult, toFunctionSelector } from 'viem/utils'
import { describe, expect, test } from 'vitest'
import { openSeats, SEATS_SCHEMA } from './seats.ts'

const enigma: Hex = `0x${'ee'.repeat(20)}`
const nobody: Hex = `0x${'11'.repeat(20)}`
const leafFor = (fmspc: string) =>
  leafOf(
    createSimulatedPki().quote({
      platformName: 'm',
      measurement: `0x${'00'.repeat(32)}`,
      reportData: new Uint8Array(64),
      firmware: { fmspc },
    }),
  )
const leaf = leafFor('00606a000000')
const otherLeaf = leafFor('00a067110000')

const VIEWS = ['currentEpoch', 'genesisBlock', 'parameters'] as const
const PARAMETERS = {
  ...{
    epochBlocks: 10,
    windowBlocks: 2,
    graceBlocks: 1,
    cutBlocks: 8,
    coolEpochs: 3,
    lifeEpochs: 20,
    secondsPerEpoch: 60,
  },
  ...{
    collateralGraceSeconds: 0,
    seatsPerPlatform: 4,
    bondGwei: 0n,
    floorGwei: 0n,
    computeGweiPerMgas: 0n,
    joinFeeGwei: 0n,
  },
}

type Event = { block: number; eventName: string; args: Readonly<Record<string, unknown>> }
const zero = `0x${'00'.repeat(32)}`
const common = { signer: nobody, operator: nobody, inputKey: zero, identityBlock: 0n, quote: '0x' }

/** A node with these events and this epoch. */
function createWorld(events: Event[], epoch = 5, db = openDatabase(':memory:', [SEATS_SCHEMA])) {
  const world = { events, epoch, ranges: [] as string[], mostBlocks: 10_000 }
  const rpc: Rpc = {
    async call(method, params = []) {
      if (method === 'eth_getLogs') {
        const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string }
        if (Number(toBlock) - Number(fromBlock) >= world.mostBlocks)
          throw new RpcError('RPC_REFUSED', 'too many blocks')
        world.ranges.push(`${Number(fromBlock)}-${Number(toBlock)}`)
        return world.events
          .filter(({ block }) => block >= Number(fromBlock) && block <= Number(toBlock))
          .map((event, index) => ({ ...encode(event), ...place(event.block, index) }))
      }
      const { data } = params[0] as { data: Hex }
      const functionName = VIEWS.find((name) => data === toFunctionSelector(`${name}()`)) ?? 'genesisBlock'
      const results = { currentEpoch: BigInt(world.epoch), genesisBlock: 10n, parameters: PARAMETERS }
      return encodeFunctionResult({ abi: enigmaAbi, functionName, result: results[functionName] } as Parameters<
        typeof encodeFunctionResult
      >[0])
    },
    batch: () => Promise.reject(new Error('not asked')),
  }
  return { world, rpc, db, seats: openSeats(db, rpc, enigma) }
}

function encode({ eventName, args }: Event) {
  const item = enigmaAbi.find((entry) => entry.type === 'event' && entry.name === eventName)
  if (item?.type !== 'event') throw new Error(`no event ${eventName}`)
  const topics = encodeEventTopics({ abi: enigmaAbi, eventName, args } as Parameters<typeof encodeEventTopics>[0])
  const plain = item.inputs.filter((input) => !('indexed' in input && input.indexed))
  const data = encodeAbiParameters(
    plain,
    plain.map(({ name }) => args[name]),
  )
  return { address: enigma, topics, data }
}

function place(block: number, index: number) {
  const logIndex = `0x${index.toString(16)}`
  return { blockNumber: `0x${block.toString(16)}`, blockHash: zero, logIndex, transactionHash: zero }
}

const taken = (block: number, seat: bigint, exitEpoch: bigint, evidence: Uint8Array): Event => ({
  block,
  eventName: 'SeatTaken',
  args: { ...common, seat, exitEpoch, activeEpoch: 2n, measurementId: 0, evidence: bytesToHex(evidence) },
})
const renewed = (block: number, seat: bigint, exitEpoch: bigint, evidence: Uint8Array): Event => ({
  block,
  eventName: 'SeatRenewed',
  args: { ...common, seat, exitEpoch, evidence: bytesToHex(evidence) },
})
const fmspcs = (kinds: readonly { fmspc: string }[]) => kinds.map(({ fmspc }) => fmspc)

describe('the live seats', () => {
  test('name the kinds of platform that they were taken with, once each', async () => {
    const { world, seats } = createWorld([
      taken(12, 0n, 9n, leaf),
      taken(13, 1n, 9n, leaf),
      taken(14, 2n, 9n, otherLeaf),
    ])
    await seats.follow(5_000n)
    expect(world.ranges).toEqual(['10-2009', '2010-4009', '4010-5000'])
    expect(await seats.kinds()).toEqual([
      { fmspc: '00606a000000', ca: 'platform' },
      { fmspc: '00a067110000', ca: 'platform' },
    ])
  })

  test('keep their platform when they renew by its record, and change it with a certificate', async () => {
    const { world, seats } = createWorld([taken(12, 0n, 6n, leaf), renewed(13, 0n, 20n, platformRecord(leaf, 8))])
    await seats.follow(20n)
    world.epoch = 10
    expect(fmspcs(await seats.kinds())).toEqual(['00606a000000'])
    world.events.push(renewed(22, 0n, 30n, otherLeaf))
    await seats.follow(22n)
    expect(fmspcs(await seats.kinds())).toEqual(['00a067110000'])
  })

  test('are remembered for four lives beyond their exit, so that a network without seats can begin anew', async () => {
    const { world, seats } = createWorld([taken(12, 0n, 9n, leaf)])
    await seats.follow(12n)
    world.epoch = 9 + 4 * PARAMETERS.lifeEpochs - 1
    expect(fmspcs(await seats.kinds())).toEqual(['00606a000000'])
    world.epoch++
    expect(await seats.kinds()).toEqual([])
  })

  test('keep the latest exit that they ever had: a block that shortened it may vanish', async () => {
    const { world, seats } = createWorld([taken(12, 0n, 90n, leaf), renewed(13, 0n, 9n, leaf)], 9 + 80)
    await seats.follow(13n)
    world.events.pop()
    await seats.follow(13n)
    expect(fmspcs(await seats.kinds())).toEqual(['00606a000000'])
  })

  test('S18: are read in smaller steps from a node that refuses larger ones', async () => {
    const { world, seats } = createWorld([taken(12, 0n, 9n, leaf), taken(1_500, 1n, 9n, otherLeaf)])
    world.mostBlocks = 500
    await seats.follow(1_600n)
    expect(world.ranges).toEqual(['10-509', '510-1009', '1010-1509', '1510-1600'])
    expect(await seats.kinds()).toHaveLength(2)
  })

  test('of another contract are read from its beginning', async () => {
    const { seats, rpc, db } = createWorld([taken(12, 0n, 9n, leaf)])
    await seats.follow(5_000n)
    const others = openSeats(db, rpc, nobody)
    expect(await others.kinds()).toEqual([])
    await others.follow(20n)
    expect(await others.kinds()).toHaveLength(1)
  })

  test('S18: pass over evidence that is no certificate', async () => {
    const { seats } = createWorld([taken(12, 0n, 9n, Uint8Array.of(1, 2, 3))])
    await seats.follow(12n)
    expect(await seats.kinds()).toEqual([])
  })
})
