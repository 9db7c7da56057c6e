/**
 * What a task costs where many are requested, and settled, at once: one dApp whose callback does nothing, slots and seat that have
 * served before, tasks of all the lanes that fall to one seat, and of several blocks.
 */
import { batchDigest, packMember, receiptHash, unpackTask } from '@enigma/protocol'
import {
  type Address,
  bytesToHex,
  concat,
  encodeAbiParameters,
  type Hex,
  keccak256,
  pad,
  parseAbiParameters,
  parseEventLogs,
  toHex,
} from 'viem'
import { anvil } from 'viem/chains'
import { enigmaAbi } from '../contracts/abi/index.ts'
import { compactSignature, mineToEpoch, postSeed, read, sender, transact, type World } from './gas-world.ts'

const LANES = 12
const MANY = 100
const FEW = 10
const BLOCKS = 4
const FEE_GWEI = 2_000_000n
const CALLABLE = 0x01020304n
const OUTPUT: Hex = pad('0x2a')

type Requested = { ref: bigint; target: bigint; terms: bigint; codeHash: Hex; inputsHash: Hex; anchor: Hex }

type SignerOf = (signer: Address) => Parameters<typeof compactSignature>[0]

/** On a network whose seats were just taken. `signerOf` gives the account that signs as the enclave of an address. */
export async function measureBatches(world: World, gas: Record<string, number>, signerOf: SignerOf): Promise<void> {
  const dApp = await spreadDapp(world)
  const seat = 0n
  const slots = await slotsOf(world, dApp, seat, 2 * MANY)
  const together = await request(world, dApp, slots.splice(0, MANY))
  gas[`requestTasks, ${MANY}, per task`] = Math.ceil(together.gas / MANY)
  // So that the seat has earned something, like every seat that has served for a while.
  await settle(world, seat, together.tasks.splice(0, FEW), signerOf)
  const few = await settle(world, seat, together.tasks.splice(0, FEW), signerOf)
  gas[`settleBatch, ${FEW}, per task`] = Math.ceil(few / FEW)

  const tasks: Requested[] = []
  while (slots.length > 0) tasks.push(...(await request(world, dApp, slots.splice(0, MANY / BLOCKS))).tasks)
  const many = await settle(world, seat, tasks, signerOf)
  gas[`settleBatch, ${MANY}, per task`] = Math.ceil(many / MANY)
}

/** A dApp of several lanes that does nothing. */
async function spreadDapp(world: World): Promise<Address> {
  const { chain } = world
  const dApp: Address = `0x${keccak256(toHex('a dApp of many lanes')).slice(-40)}`
  await chain.setBalance({ address: dApp, value: 10n ** 18n })
  await chain.impersonateAccount({ address: dApp })
  await chain.writeContract({
    address: world.enigma,
    abi: enigmaAbi,
    functionName: 'setLanes',
    args: [LANES],
    account: dApp,
    gas: 100_000n * chain.gasFactor,
  })
  await chain.mine({ blocks: 1 })
  await chain.setCode({ address: dApp, bytecode: '0x00' })
  await mineToEpoch(world, (await read<bigint>(world, 'currentEpoch', [])) + 2n)
  await postSeed(world)
  return dApp
}

/** Slots that have served before, and whose next task falls to the seat. */
async function slotsOf(world: World, dApp: Address, seat: bigint, count: number): Promise<number[]> {
  const epoch = await read<bigint>(world, 'currentEpoch', [])
  const lanes = new Set<bigint>()
  for (let lane = 0n; lane < BigInt(LANES); lane++) {
    const [drawn] = await read<[bigint, Address]>(world, 'selected', [epoch, dApp, lane, 0n])
    if (drawn === seat) lanes.add(lane)
  }
  const slots: number[] = []
  for (let slot = 1_000; slots.length < count; slot++) {
    if (lanes.has(laneOf(slot))) slots.push(slot)
  }
  const outer = keccak256(encodeAbiParameters(parseAbiParameters('address, uint256'), [sender.address, 0n]))
  for (const slot of slots) {
    const place = keccak256(encodeAbiParameters(parseAbiParameters('uint256, bytes32'), [BigInt(slot), outer]))
    await world.chain.setStorageAt({ address: world.enigma, index: place, value: pad('0x01') })
  }
  return slots
}

/** Of the second task in a slot. */
function laneOf(slot: number): bigint {
  const words = encodeAbiParameters(parseAbiParameters('address, uint256, uint256'), [sender.address, BigInt(slot), 1n])
  return BigInt(keccak256(words)) % BigInt(LANES)
}

async function request(world: World, dApp: Address, slots: readonly number[]) {
  const target = BigInt(dApp) | (CALLABLE << 160n) | (100_000n << 192n) | (32n << 224n)
  const epoch = await read<bigint>(world, 'currentEpoch', [])
  const requests = slots.map((slot) => ({
    slot,
    feeGwei: FEE_GWEI,
    valueGwei: FEE_GWEI,
    epoch: Number(epoch),
    lane: Number(laneOf(slot)),
    target,
    inputs: '0x',
  }))
  const value = FEE_GWEI * BigInt(slots.length) * 10n ** 9n
  const receipt = await transact(world, 'requestTasks', [requests], value)
  const events = parseEventLogs({ abi: enigmaAbi, eventName: 'TaskRequested', logs: receipt.logs })
  if (events.length !== slots.length) throw new Error('requestTasks failed')
  const tasks = events.map(({ args: { ref, target, terms, codeHash } }): Requested => {
    return { ref, target, terms, codeHash, inputsHash: keccak256('0x'), anchor: receipt.blockHash }
  })
  return { gas: Number(receipt.gasUsed), tasks }
}

/** Sorted by lane, as Surface does it. */
async function settle(world: World, seat: bigint, tasks: readonly Requested[], signerOf: SignerOf): Promise<number> {
  const domain = { chainId: BigInt(anvil.id), enigma: world.enigma.toLowerCase() as Hex }
  const sorted = tasks.toSorted((a, b) => unpackTask(a).lane - unpackTask(b).lane)
  const receipts = await Promise.all(
    sorted.map(async (task) => {
      const { anchor, codeHash, inputsHash } = task
      const taskId = await read<Hex>(world, 'taskIdOf', [task])
      return receiptHash({ taskId, anchor, codeHash, inputsHash, outputHash: keccak256(OUTPUT), status: 0 })
    }),
  )
  const members = sorted.map((packed) => bytesToHex(packMember({ packed, rank: 0, status: 0, output: OUTPUT })))
  const { signer } = await read<{ signer: Address }>(world, 'seat', [seat])
  const { r, vs } = await compactSignature(signerOf(signer), batchDigest(domain, receipts))
  const receipt = await transact(world, 'settleBatch', [seat, BigInt(tasks.length), concat(members), r, vs])
  const settled = parseEventLogs({ abi: enigmaAbi, eventName: 'TaskSettled', logs: receipt.logs })
  if (settled.length !== tasks.length) throw new Error(`settled ${settled.length} of ${tasks.length}`)
  return Number(receipt.gasUsed)
}
