/**
 * What each transaction costs, in whole-transaction gas of the committed release bytecode; kept in contracts/snapshots/gas.json.
 *
 *   gas-snapshot.ts           measures and writes
 *   gas-snapshot.ts --check   measures, and fails where a figure moved or exceeds its limit
 *
 * Keys, accounts, timestamps and blocks are fixed, so that two runs agree to the unit.
 */
import fs from 'node:fs'
import path from 'node:path'
import {
  type Address,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  hashTypedData,
  hexToBytes,
  keccak256,
  pad,
  parseAbiParameters,
  parseEventLogs,
  size,
  toFunctionSelector,
  toHex,
} from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import { anvil } from 'viem/chains'
import { enigmaAbi } from '../contracts/abi/index.ts'
import { additionAbi, additionBytecode } from '../examples/addition/abi.ts'
import { measureBatches } from './gas-batches.ts'
import { monthlyUpdate, outdating, revoking } from './gas-collateral.ts'
import { postDrandSeed } from './gas-drand.ts'
import { measureKeys } from './gas-keys.ts'
import {
  attested,
  bring,
  compactSignature,
  connect,
  create,
  deploy,
  machineOf,
  mineToEpoch,
  PARAMETERS,
  postSeed,
  read,
  SEATS,
  send,
  sender,
  startAnvil,
  transact,
  type World,
} from './gas-world.ts'

const FILE = 'contracts/snapshots/gas.json'

/** What a change must not exceed. Transactions that are not listed are only watched. */
const LIMITS: Gas = {
  // A new seat on a machine never seen before: four new words are 88k of it, verifying certificate and quote 110k, calldata 31k,
  // the event, which clients verify from, 23k. A seat taken again costs 243k.
  'takeSeat, leaf sent along': 316_000,
  'renewSeat, leaf known': 120_000,
  'recheck, seat ended': 60_500,
  setTcbInfo: 1_100_000,
  setQeIdentity: 220_000,
  // 22.1k of it are the word that keeps it.
  'setPckCrl, one serial more': 26_500,
  // 39.3k of it are the transaction, its calldata, four cold loads, EXTCODEHASH, the slot's store and the event.
  'postSeed, recycled word': 165_000,
  // Of it 16.4k are the boundary block's header, which a Principal's seed does not need.
  'postSeed, first use of the ring, from drand': 200_000,
  'requestTask, recycled slot': 43_000,
  'requestTask, first use of the slot': 60_000,
  'settle, callback does nothing': 53_000,
  'settle, callback updates a slot': 58_000,
  'selection at 100,000 seats, rank 0': 5_500,
  'requestTasks, 100, per task': 14_500,
  'settleBatch, 10, per task': 20_000,
  'settleBatch, 100, per task': 17_000,
  'handoff, both together': 150_000,
  // 21k the transaction, 9k calldata, 7k two signatures, 16k five words, 9k the payment, 3k the other half's code.
  slash: 69_500,
}
const LIMIT_PER_BACKUP_RANK = 3_500

const FEE_GWEI = 2_000_000n
const RANKS = 3

type Gas = Record<string, number>
type Task = { ref: bigint; target: bigint; terms: bigint; codeHash: Hex; inputsHash: Hex }

process.chdir(path.resolve(import.meta.dirname, '..'))
const gas: Gas = {}
await onOwnChain((world) => measure(world, gas))
await onOwnChain((world) => measureKeys(world, gas, (index) => takeSeat(world, 0n, signerAt(world, index))))
await onOwnChain(async (world) => {
  for (let seat = 0; seat < SEATS; seat++) await takeSeat(world, 0n, signerAt(world, seat))
  await measureBatches(world, gas, (address) => signerOf(world, address))
})
process.exitCode = process.argv[2] === '--check' ? check(gas) : write(gas)

async function onOwnChain(measure: (world: World) => Promise<void>): Promise<void> {
  const { process: node, url } = await startAnvil()
  try {
    await measure(await deploy(await connect(url)))
  } finally {
    node.kill('SIGKILL')
  }
}

async function measure(world: World, gas: Gas): Promise<void> {
  await measureSeats(world, gas)
  await measureTasks(world, gas)
  await measureSelection(world, gas)
  await measureCollateral(world, gas)
  const last = await measureLeaving(world, gas)
  await measureSlashing(world, gas, (last + 1n) % BigInt(SEATS))
  await measureRechecks(world, gas, last)
  await mineToEpoch(world, 35n)
  gas['postSeed, first use of the ring, from drand'] = await postDrandSeed(world)
}

/* SEATS AND EPOCHS */

async function measureSeats(world: World, gas: Gas): Promise<void> {
  // `leaf sent along` is the dearest that recurs: a new seat, and the first of its machine, make four new words.
  const first = ['takeSeat, very first', 'takeSeat, machine known']
  const second = ['takeSeat, leaf sent along', 'takeSeat, machine known']
  for (const [i, name] of [...first, ...second].entries()) gas[name] = await takeSeat(world, 0n, signerAt(world, i))
  await mineToEpoch(world, 2n)
  gas['postSeed, first use of the ring'] = await postSeed(world)
  const { address } = signerAt(world, 0)
  const { quoted, record } = await attested(world, address)
  gas['renewSeat, leaf known'] = await send(world, 'renewSeat', [0n, ...quoted, record])
  const again = await attested(world, address)
  gas['renewSeat, leaf sent along'] = await send(world, 'renewSeat', [0n, ...again.quoted, again.leaf])
}

/** Twice the same list but for one serial: the difference is what that serial costs. */
async function measureCollateral(world: World, gas: Gas): Promise<void> {
  for (const step of monthlyUpdate()) gas[step.name] = await bring(world, step)
  gas['setPckCrl, one serial more'] = (gas['setPckCrl, one serial more'] ?? 0) - (gas.setPckCrl ?? 0)
}

/** The seat taken last, at the end of its machine's good standing. */
async function measureRechecks(world: World, gas: Gas, seat: bigint): Promise<void> {
  const { address } = signerAt(world, 0)
  const { record } = await attested(world, address)
  await bring(world, outdating())
  gas['recheck, seat ended'] = await send(world, 'recheck', [seat, record])
  await bring(world, revoking(machineOf(world, address)))
  gas['recheck, seat revoked'] = await send(world, 'recheck', [seat, record])
}

async function measureLeaving(world: World, gas: Gas): Promise<bigint> {
  const seat = await earningSeat(world)
  gas.leaveSeat = await send(world, 'leaveSeat', [seat])
  gas['withdrawSeat, credit'] = await send(world, 'withdrawSeat', [seat, sender.address])
  await mineToEpoch(world, 34n)
  gas['postSeed, recycled word'] = await postSeed(world)
  gas['takeSeat, reused'] = await takeSeat(world, seat + 1n, signerAt(world, 0))
  gas['takeSeat, reused, without the verifier'] = await gasBesideTheVerifier(world)
  gas.withdrawOwed = await send(world, 'withdrawOwed', [sender.address])
  return seat
}

/** Of the transaction mined last: less the verifier's call and what quote and evidence cost as calldata and in the event. */
async function gasBesideTheVerifier({ chain, verifier }: World): Promise<number> {
  const { transactions } = await chain.getBlock({ includeTransactions: true })
  const [transaction] = transactions
  if (!transaction) throw new Error('the last block is empty')
  const params = [transaction.hash, { tracer: 'callTracer', tracerConfig: { withLog: true } }]
  const root = (await chain.request({ method: 'debug_traceTransaction', params } as never)) as Frame
  const frames = framesOf(root)
  const verifying = frames.find(({ to }) => to?.toLowerCase() === verifier.toLowerCase())
  const events = frames.flatMap(({ logs = [] }) => logs)
  if (!verifying || events.length === 0) throw new Error('the node traced no verification')
  const calldata = hexToBytes(transaction.input).reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0)
  const eventBytes = events.reduce((sum, { data }) => sum + size(data), 0)
  return Number(root.gasUsed) - Number(verifying.gasUsed) - calldata - 8 * eventBytes
}

type Frame = { to?: Hex; gasUsed: Hex; calls?: Frame[]; logs?: { data: Hex }[] }

function framesOf(frame: Frame): Frame[] {
  return [frame, ...(frame.calls ?? []).flatMap(framesOf)]
}

/** Of another seat, taken again, whose enclave signs two results. */
async function measureSlashing(world: World, gas: Gas, seat: bigint): Promise<void> {
  const signer = signerAt(world, 1)
  await takeSeat(world, seat + 1n, signer)
  const [taskId, anchor] = [keccak256(toHex('a task')), keccak256(toHex('its block'))]
  const receipts = ['one result', 'another'].map(async (output) => {
    const message = {
      taskId,
      anchor,
      codeHash: taskId,
      inputsHash: taskId,
      outputHash: keccak256(toHex(output)),
      status: 0,
    }
    const { r, vs } = await compactSignature(signer, receiptDigest(world, message))
    const { codeHash, inputsHash, outputHash, status } = message
    return { codeHash, inputsHash, outputHash, status, index: 0, batch: [], r, vs }
  })
  gas.slash = await send(world, 'slash', [seat, taskId, anchor, ...(await Promise.all(receipts))])
}

/** Which seats are drawn depends on the seed, and so on every byte of the contracts. */
async function earningSeat(world: World): Promise<bigint> {
  for (let id = 0n; id < SEATS; id++) {
    const { creditGwei } = await read<{ creditGwei: bigint }>(world, 'seat', [id])
    if (creditGwei > 0n) return id
  }
  throw new Error('no seat has earned anything')
}

async function takeSeat(world: World, reuse: bigint, signer: PrivateKeyAccount): Promise<number> {
  const { quoted, leaf } = await attested(world, signer.address)
  return send(
    world,
    'takeSeat',
    [reuse, signer.address, ...quoted, leaf],
    (await read<bigint>(world, 'seatPriceGwei', [])) * 10n ** 9n,
  )
}

function signerAt({ signers }: World, index: number): PrivateKeyAccount {
  const account = signers[index]
  if (!account) throw new Error(`no signer ${index}`)
  return account
}

function signerOf(world: World, address: Address): PrivateKeyAccount {
  return signerAt(
    world,
    world.signers.findIndex((signer) => signer.address === address),
  )
}

/* TASKS */

async function measureTasks(world: World, gas: Gas): Promise<void> {
  const idle = await idleDapp(world)
  await world.chain.setCode({ address: idle, bytecode: '0x00' })
  const addition = await create(world.chain, additionAbi, additionBytecode, [world.enigma])
  // Every seat has earned something, so that no figure depends on who is drawn.
  for (let rank = 0; rank < RANKS; rank++) await lifeOf(world, idle, { slot: 7, rank })

  const first = await lifeOf(world, addition, { slot: 0, rank: 0, output: 1n })
  gas['requestTask, first use of the slot'] = first.request
  gas['settle, callback writes a new slot'] = first.settle
  const again = await lifeOf(world, addition, { slot: 0, rank: 0, output: 2n })
  gas['requestTask, recycled slot'] = again.request
  gas['settle, callback updates a slot'] = again.settle
  const inline = await lifeOf(world, addition, { slot: 0, rank: 0, output: 3n, inputBytes: 512 })
  gas['requestTask, recycled slot, 512 bytes of inputs'] = inline.request
  for (let rank = 0; rank < RANKS; rank++) {
    const { settle } = await lifeOf(world, idle, { slot: 0, rank })
    gas[rank === 0 ? 'settle, callback does nothing' : `settle, callback does nothing, rank ${rank}`] = settle
  }
  const failed = await lifeOf(world, idle, { slot: 0, rank: 0, status: 1 })
  gas['settle, failure'] = failed.settle

  const { task } = await request(world, idle, { slot: 0, rank: 0 })
  await world.chain.mine({ blocks: RANKS * PARAMETERS.windowBlocks })
  gas.cancel = await send(world, 'cancel', [task])
  gas.withdrawSlot = await send(world, 'withdrawSlot', [0])
  gas.fundSlot = await send(world, 'fundSlot', [0], 10n ** 15n)
}

/** An address whose first draws meet three seats, so that the figures of ranks hold no repeated draw, which chance decides. */
async function idleDapp(world: World): Promise<Address> {
  const { seed } = await read<{ seed: bigint }>(world, 'epoch', [await read<bigint>(world, 'currentEpoch', [])])
  for (let i = 0; ; i++) {
    const dApp: Address = `0x${keccak256(toHex(`a dApp that does nothing ${i}`)).slice(-40)}`
    const seats = [0, 1, 2].map((j) => BigInt(drawHash(seed, dApp, j)) % BigInt(SEATS))
    if (new Set(seats).size === RANKS) return dApp
  }
}

type Run = { slot: number; rank: number; output?: bigint; status?: number; inputBytes?: number }

async function lifeOf(world: World, dApp: Address, run: Run): Promise<{ request: number; settle: number }> {
  const { gas, task, taskId, blockHash } = await request(world, dApp, run)
  const output = run.status ? '0x' : pad(toHex(run.output ?? 0n))
  const status = run.status ?? 0
  if (run.rank > 0) await world.chain.mine({ blocks: run.rank * PARAMETERS.windowBlocks })
  const { codeHash, inputsHash } = task
  const message = { taskId, anchor: blockHash, codeHash, inputsHash, outputHash: keccak256(output), status }
  const digest = receiptDigest(world, message)
  const epoch = await read<bigint>(world, 'currentEpoch', [])
  const [, signer] = await read<[bigint, Address]>(world, 'selected', [epoch, dApp, 0n, BigInt(run.rank)])
  const { r, vs } = await compactSignature(signerOf(world, signer), digest)
  return { request: gas, settle: await send(world, 'settle', [task, run.rank, status, output, r, vs]) }
}

type Receipt = Record<'taskId' | 'anchor' | 'codeHash' | 'inputsHash' | 'outputHash', Hex> & { status: number }

function receiptDigest({ enigma }: World, message: Receipt): Hex {
  return hashTypedData({
    domain: { name: 'Enigma', version: '1', chainId: anvil.id, verifyingContract: enigma },
    types: {
      Receipt: [
        { name: 'taskId', type: 'bytes32' },
        { name: 'anchor', type: 'bytes32' },
        { name: 'codeHash', type: 'bytes32' },
        { name: 'inputsHash', type: 'bytes32' },
        { name: 'outputHash', type: 'bytes32' },
        { name: 'status', type: 'uint8' },
      ],
    },
    primaryType: 'Receipt',
    message,
  })
}

async function request(world: World, dApp: Address, run: Run) {
  const add = BigInt(toFunctionSelector('add(uint256,uint256)'))
  const target = BigInt(dApp) | (add << 160n) | (100_000n << 192n) | (32n << 224n) | (0n << 240n)
  const inputs: Hex = `0x${'a5'.repeat(run.inputBytes ?? 0)}`
  const epoch = await read<bigint>(world, 'currentEpoch', [])
  const receipt = await transact(
    world,
    'requestTask',
    [run.slot, target, FEE_GWEI, epoch, 0n, inputs],
    FEE_GWEI * 10n ** 9n,
  )
  const [event] = parseEventLogs({ abi: enigmaAbi, eventName: 'TaskRequested', logs: receipt.logs })
  if (!event) throw new Error('requestTask failed')
  const { taskId, ref, terms, codeHash } = event.args
  const task: Task = { ref, target, terms, codeHash, inputsHash: keccak256(inputs) }
  return { gas: Number(receipt.gasUsed), task, taskId, blockHash: receipt.blockHash }
}

/* SELECTION */

/** A lottery of 100,000 seats, of which only those exist in storage that are drawn: the others are never read. */
async function measureSelection(world: World, gas: Gas): Promise<void> {
  const { chain, enigma } = world
  // `forge inspect Enigma storage`: seats are a mapping in slot 1, epochs an array of 32 from slot 5 on.
  const seats = (id: bigint) => keccak256(encodeAbiParameters(parseAbiParameters('uint256, uint256'), [id, 1n]))
  const epochs = (epoch: bigint) => pad(toHex(5n + (epoch % 32n)))
  const epoch = await read<bigint>(world, 'currentEpoch', [])
  const seed = 123_456_789n
  const seatCount = 100_000n
  const before = await chain.getStorageAt({ address: enigma, slot: epochs(epoch) })
  const word = seed | (seatCount << 178n) | (epoch << 198n)
  await chain.setStorageAt({ address: enigma, index: epochs(epoch), value: pad(toHex(word)) })

  for (let rank = 0; rank < RANKS; rank++) {
    const id = BigInt(drawHash(seed, enigma, rank)) % seatCount
    const seat = BigInt(rank + 1) | (1n << 160n) | (1000n << 180n)
    await chain.setStorageAt({ address: enigma, index: seats(id), value: pad(toHex(seat)) })
    gas[`selection at 100,000 seats, rank ${rank}`] = await selectionGas(world, epoch, rank)
  }
  await chain.setStorageAt({ address: enigma, index: epochs(epoch), value: before ?? '0x' })
}

/** From loading the epoch's word to the answer: what selection costs within a transaction, without the call of the view. */
async function selectionGas(world: World, epoch: bigint, rank: number): Promise<number> {
  const args = [epoch, world.enigma, 0n, BigInt(rank)] as const
  const data = encodeFunctionData({ abi: enigmaAbi, functionName: 'selected', args })
  const steps = await trace(world, world.enigma, data)
  const start = steps.find(({ op }) => op === 'SLOAD')
  const end = steps.at(-1)
  if (!start || !end) throw new Error('the selection was not traced')
  return start.gas - end.gas
}

/** Each instruction of a call, with the gas that was left before it. */
async function trace({ chain }: World, to: Address, data: Hex): Promise<{ op: string; gas: number }[]> {
  const options = { disableMemory: true, disableStack: true, disableStorage: true }
  const request = { method: 'debug_traceCall', params: [{ from: sender.address, to, data }, 'latest', options] }
  const { structLogs } = (await chain.request(request as never)) as { structLogs: { op: string; gas: number }[] }
  if (structLogs.length === 0) throw new Error('the node traced nothing')
  return structLogs
}

function drawHash(seed: bigint, dApp: Address, j: number): Hex {
  const words = [seed, dApp, 0n, BigInt(j)] as const
  return keccak256(encodeAbiParameters(parseAbiParameters('uint256, address, uint256, uint256'), words))
}

/* THE SNAPSHOT */

function overLimit(gas: Gas): string[] {
  const figure = (name: string) => gas[name] ?? Number.POSITIVE_INFINITY
  const backups = [1, 2].map((rank): [string, number, number] => {
    const before = figure(`settle, callback does nothing${rank === 1 ? '' : ', rank 1'}`)
    const name = `settle, callback does nothing, rank ${rank}`
    return [`${name}, more than the rank before`, figure(name) - before, LIMIT_PER_BACKUP_RANK]
  })
  return [
    ...Object.entries(LIMITS).map(([name, limit]): [string, number, number] => [name, figure(name), limit]),
    ...backups,
  ]
    .filter(([, found, limit]) => !(found <= limit))
    .map(([name, found, limit]) => `${name}: ${found} exceeds ${limit}`)
}

function write(gas: Gas): number {
  fs.mkdirSync(path.dirname(FILE), { recursive: true })
  fs.writeFileSync(FILE, `${JSON.stringify(gas, null, 2)}\n`)
  console.log(JSON.stringify(gas, null, 2))
  return report(overLimit(gas))
}

function check(gas: Gas): number {
  const kept = JSON.parse(fs.readFileSync(FILE, 'utf8')) as Gas
  const names = new Set([...Object.keys(kept), ...Object.keys(gas)])
  const moved = [...names].filter((name) => kept[name] !== gas[name])
  return report([...moved.map((name) => `${name}: kept ${kept[name]}, measured ${gas[name]}`), ...overLimit(gas)])
}

function report(faults: string[]): number {
  for (const fault of faults) console.error(fault)
  if (faults.length > 0)
    console.error(`Gas: ${faults.length} faults. \`node tools/gas-snapshot.ts\` writes the file anew.`)
  return faults.length > 0 ? 1 : 0
}
