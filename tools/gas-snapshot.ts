/**
 * What each transaction costs, in whole-transaction gas of the committed release bytecode; kept in contracts/snapshots/gas.json.
 *
 *   gas-snapshot.ts           measures and writes
 *   gas-snapshot.ts --check   measures, and fails where a figure moved or exceeds its limit
 *
 * Keys, accounts, timestamps and blocks are fixed, so that two runs agree to the unit.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import {
  type Address,
  concat,
  createTestClient,
  encodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  hashTypedData,
  hexToBytes,
  http,
  keccak256,
  pad,
  parseAbiParameters,
  parseEventLogs,
  publicActions,
  size,
  toFunctionSelector,
  toHex,
  walletActions,
} from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { anvil } from 'viem/chains'
import {
  blsBeaconAbi,
  blsBeaconBytecode,
  enigmaAbi,
  enigmaBytecode,
  signedVerdictVerifierAbi,
  signedVerdictVerifierBytecode,
} from '../contracts/abi/index.ts'
import { additionAbi, additionBytecode } from '../examples/addition/abi.ts'

const FILE = 'contracts/snapshots/gas.json'

/** What a change must not exceed. Transactions that are not listed are only watched. */
const LIMITS: Record<string, number> = {
  'requestTask, recycled slot': 42_000,
  'requestTask, first use of the slot': 60_000,
  'settle, callback does nothing': 53_000,
  'settle, callback updates a slot': 58_000,
  'selection at 100,000 seats, rank 0': 5_500,
}
const LIMIT_PER_BACKUP_RANK = 3_500

const PARAMETERS = {
  epochBlocks: 60,
  windowBlocks: 4,
  graceBlocks: 10,
  coolEpochs: 2,
  lifeEpochs: 20,
  secondsPerEpoch: 60,
  collateralGraceSeconds: 86_400,
  bondGwei: 1_000_000_000n,
  floorGwei: 10_000n,
  computeGweiPerMgas: 1_000n,
}
const FEE_GWEI = 2_000_000n
const MEASUREMENT = keccak256(toHex('measurement'))
const QUOTE_BYTES = 4_734 // as long as quotes of real platforms, certificates included
const VALID_UNTIL = 4_102_444_800n // the year 2100
const GENESIS_TIME = 1_767_225_600 // the year 2026
const SEATS = 4
const RANKS = 3

const sender = privateKeyToAccount(keccak256(toHex('sender')))
const attester = privateKeyToAccount(keccak256(toHex('attester')))
const BEACON_KEY = hexToBytes(pad('0x0a11ce'))

type Chain = Awaited<ReturnType<typeof connect>>
type Task = { ref: bigint; target: bigint; terms: bigint; codeHash: Hex; inputsHash: Hex }
type World = {
  chain: Chain
  enigma: Address
  verifier: Address
  signers: PrivateKeyAccount[]
  gas: Record<string, number>
}

process.chdir(path.resolve(import.meta.dirname, '..'))
const { process: node, url } = await startAnvil()
try {
  const gas = await measure(await connect(url))
  process.exitCode = process.argv[2] === '--check' ? check(gas) : write(gas)
} finally {
  node.kill('SIGKILL')
}

async function measure(chain: Chain): Promise<Record<string, number>> {
  const world = await deploy(chain)
  await measureSeats(world)
  await measureTasks(world)
  await measureSelection(world)
  await measureLeaving(world)
  return world.gas
}

/* SEATS AND EPOCHS */

async function measureSeats(world: World): Promise<void> {
  for (const signer of world.signers) {
    const gas = await takeSeat(world, 0n, signer)
    world.gas['takeSeat, appended'] = gas
  }
  await mineToEpoch(world, 2n)
  world.gas['postSeed, first use of the ring'] = await postSeed(world)
  world.gas.renewSeat = await send(world, 'renewSeat', [0n, ...(await attested(world, world.signers[0]))])
}

async function measureLeaving(world: World): Promise<void> {
  const seat = await earningSeat(world)
  world.gas.leaveSeat = await send(world, 'leaveSeat', [seat])
  world.gas['withdrawSeat, credit'] = await send(world, 'withdrawSeat', [seat, sender.address])
  await mineToEpoch(world, 34n)
  world.gas['postSeed, recycled word'] = await postSeed(world)
  world.gas['takeSeat, reused'] = await takeSeat(world, seat + 1n, world.signers[0])
  world.gas.withdrawOwed = await send(world, 'withdrawOwed', [sender.address])
}

/** Which seats are drawn depends on the seed, and so on every byte of the contracts. */
async function earningSeat(world: World): Promise<bigint> {
  for (let id = 0n; id < SEATS; id++) {
    const { creditGwei } = await read<{ creditGwei: bigint }>(world, 'seat', [id])
    if (creditGwei > 0n) return id
  }
  throw new Error('no seat has earned anything')
}

async function takeSeat(world: World, reuse: bigint, signer: PrivateKeyAccount | undefined): Promise<number> {
  if (!signer) throw new Error('no such signer')
  return send(world, 'takeSeat', [reuse, signer.address, ...(await attested(world, signer))], 10n ** 18n)
}

/** The arguments that vouch for a signer: input key, identity block, quote, evidence. */
async function attested(world: World, signer: PrivateKeyAccount | undefined): Promise<[Hex, bigint, Hex, Hex]> {
  const inputKey = keccak256(toHex('input key'))
  const { number, hash } = await world.chain.getBlock()
  const networkHash = await read<Hex>(world, 'networkHash', [])
  const identity = keccak256(
    encodeAbiParameters(parseAbiParameters('bytes32, bytes32, address, address, bytes32, uint256'), [
      keccak256(toHex('enigma.worker.v1')),
      networkHash,
      sender.address,
      signer?.address ?? sender.address,
      inputKey,
      number,
    ]),
  )
  const head = concat(['0x0300020000000000', pad('0x', { size: 48 - 8 + 64 }), MEASUREMENT])
  const quoted = concat([head, pad('0x', { size: 48 + 320 - size(head) }), identity, hash])
  const quote = concat([quoted, `0x${'5a'.repeat(QUOTE_BYTES - size(quoted))}`])
  const verdict = hashTypedData({
    domain: { name: 'Enigma Attestation', version: '1', chainId: anvil.id, verifyingContract: world.verifier },
    types: {
      Verdict: [
        { name: 'quoteHash', type: 'bytes32' },
        { name: 'validUntil', type: 'uint64' },
      ],
    },
    primaryType: 'Verdict',
    message: { quoteHash: keccak256(quote), validUntil: VALID_UNTIL },
  })
  const { r, vs } = await compactSignature(attester, verdict)
  const evidence = encodeAbiParameters(parseAbiParameters('uint64, bytes32, bytes32'), [VALID_UNTIL, r, vs])
  return [inputKey, number, quote, evidence]
}

async function mineToEpoch(world: World, epoch: bigint): Promise<void> {
  const boundary = await read<bigint>(world, 'boundaryBlock', [epoch])
  await world.chain.mine({ blocks: Number(boundary - (await world.chain.getBlockNumber())) + 1 })
}

async function postSeed(world: World): Promise<number> {
  const epoch = await read<bigint>(world, 'currentEpoch', [])
  const { hash } = await world.chain.getBlock({ blockNumber: await read<bigint>(world, 'boundaryBlock', [epoch]) })
  const message = keccak256(
    encodeAbiParameters(parseAbiParameters('bytes32, uint256, address, uint256, bytes32'), [
      keccak256(toHex('enigma.seed.v1')),
      BigInt(anvil.id),
      world.enigma,
      epoch,
      hash,
    ]),
  )
  const { shortSignatures: bls } = bls12_381
  const { x, y } = bls.sign(bls.hash(hexToBytes(message)), BEACON_KEY).toAffine()
  return send(world, 'postSeed', [epoch, encodeField(x, y)])
}

/* TASKS */

async function measureTasks(world: World): Promise<void> {
  const idle = await idleDapp(world)
  await world.chain.setCode({ address: idle, bytecode: '0x00' })
  const addition = await create(world.chain, additionAbi, additionBytecode, [world.enigma])
  // Every seat has earned something, so that no figure depends on who is drawn.
  for (let rank = 0; rank < RANKS; rank++) await lifeOf(world, idle, { slot: 7, rank })

  const first = await lifeOf(world, addition, { slot: 0, rank: 0, output: 1n })
  world.gas['requestTask, first use of the slot'] = first.request
  world.gas['settle, callback writes a new slot'] = first.settle
  const again = await lifeOf(world, addition, { slot: 0, rank: 0, output: 2n })
  world.gas['requestTask, recycled slot'] = again.request
  world.gas['settle, callback updates a slot'] = again.settle
  const inline = await lifeOf(world, addition, { slot: 0, rank: 0, output: 3n, inputBytes: 512 })
  world.gas['requestTask, recycled slot, 512 bytes of inputs'] = inline.request
  for (let rank = 0; rank < RANKS; rank++) {
    const { settle } = await lifeOf(world, idle, { slot: 0, rank })
    world.gas[rank === 0 ? 'settle, callback does nothing' : `settle, callback does nothing, rank ${rank}`] = settle
  }
  const failed = await lifeOf(world, idle, { slot: 0, rank: 0, status: 1 })
  world.gas['settle, failure'] = failed.settle

  const { task } = await request(world, idle, { slot: 0, rank: 0 })
  await world.chain.mine({ blocks: RANKS * PARAMETERS.windowBlocks })
  world.gas.cancel = await send(world, 'cancel', [task])
  world.gas.withdrawSlot = await send(world, 'withdrawSlot', [0])
  world.gas.fundSlot = await send(world, 'fundSlot', [0], 10n ** 15n)
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
  const digest = hashTypedData({
    domain: { name: 'Enigma', version: '1', chainId: anvil.id, verifyingContract: world.enigma },
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
    message: {
      taskId,
      anchor: blockHash,
      codeHash: task.codeHash,
      inputsHash: task.inputsHash,
      outputHash: keccak256(output),
      status,
    },
  })
  const epoch = await read<bigint>(world, 'currentEpoch', [])
  const [, signer] = await read<[bigint, Address]>(world, 'selected', [epoch, dApp, 0n, BigInt(run.rank)])
  const account = world.signers.find(({ address }) => address === signer)
  if (!account) throw new Error(`no key of ${signer}`)
  const { r, vs } = await compactSignature(account, digest)
  return { request: gas, settle: await send(world, 'settle', [task, run.rank, status, output, r, vs]) }
}

async function request(world: World, dApp: Address, run: Run) {
  const add = BigInt(toFunctionSelector('add(uint256,uint256)'))
  const target = BigInt(dApp) | (add << 160n) | (100_000n << 192n) | (32n << 224n) | (0n << 240n)
  const inputs: Hex = `0x${'a5'.repeat(run.inputBytes ?? 0)}`
  const epoch = await read<bigint>(world, 'currentEpoch', [])
  const hash = await transact(
    world,
    'requestTask',
    [run.slot, target, FEE_GWEI, epoch, 0n, inputs],
    FEE_GWEI * 10n ** 9n,
  )
  const receipt = await world.chain.getTransactionReceipt({ hash })
  const [event] = parseEventLogs({ abi: enigmaAbi, eventName: 'TaskRequested', logs: receipt.logs })
  if (!event) throw new Error('requestTask failed')
  const { taskId, ref, terms, codeHash } = event.args
  const task: Task = { ref, target, terms, codeHash, inputsHash: keccak256(inputs) }
  return { gas: Number(receipt.gasUsed), task, taskId, blockHash: receipt.blockHash }
}

/* SELECTION */

/**
 * A lottery of 100,000 seats, of which only those exist in storage that are drawn: the others are never read.
 */
async function measureSelection(world: World): Promise<void> {
  const { chain, enigma } = world
  // `forge inspect Enigma storage`: seats are a mapping in slot 1, epochs an array of 32 from slot 4 on.
  const seats = (id: bigint) => keccak256(encodeAbiParameters(parseAbiParameters('uint256, uint256'), [id, 1n]))
  const epochs = (epoch: bigint) => pad(toHex(4n + (epoch % 32n)))
  const epoch = await read<bigint>(world, 'currentEpoch', [])
  const seed = 123_456_789n
  const seatCount = 100_000n
  const before = await chain.getStorageAt({ address: enigma, slot: epochs(epoch) })
  const word = seed | (seatCount << 177n) | (epoch << 201n)
  await chain.setStorageAt({ address: enigma, index: epochs(epoch), value: pad(toHex(word)) })

  for (let rank = 0; rank < RANKS; rank++) {
    const id = BigInt(drawHash(seed, enigma, rank)) % seatCount
    const seat = BigInt(rank + 1) | (1n << 160n) | (1000n << 180n)
    await chain.setStorageAt({ address: enigma, index: seats(id), value: pad(toHex(seat)) })
    world.gas[`selection at 100,000 seats, rank ${rank}`] = await selectionGas(world, epoch, rank)
  }
  await chain.setStorageAt({ address: enigma, index: epochs(epoch), value: before ?? '0x' })
}

/** From loading the epoch's word to the answer: what selection costs within a transaction, without the call of the view. */
async function selectionGas({ chain, enigma }: World, epoch: bigint, rank: number): Promise<number> {
  const data = encodeFunctionData({ abi: enigmaAbi, functionName: 'selected', args: [epoch, enigma, 0n, BigInt(rank)] })
  const call = { from: sender.address, to: enigma, data }
  const request = { method: 'debug_traceCall', params: [call, 'latest', { disableMemory: true, disableStorage: true }] }
  const { structLogs } = (await chain.request(request as never)) as { structLogs: { op: string; gas: number }[] }
  const start = structLogs.find(({ op }) => op === 'SLOAD')
  const end = structLogs.at(-1)
  if (!start || !end) throw new Error('the node traced nothing')
  return start.gas - end.gas
}

function drawHash(seed: bigint, dApp: Address, j: number): Hex {
  const words = [seed, dApp, 0n, BigInt(j)] as const
  return keccak256(encodeAbiParameters(parseAbiParameters('uint256, address, uint256, uint256'), words))
}

/* THE CHAIN */

async function startAnvil(): Promise<{ process: ChildProcess; url: string }> {
  const fromNpm = 'node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil'
  const binary = process.env.ANVIL_BIN ?? (fs.existsSync(fromNpm) ? fromNpm : 'anvil')
  const options = [
    '--port',
    '0',
    '--hardfork',
    'osaka',
    '--no-mining',
    '--timestamp',
    `${GENESIS_TIME}`,
    '--accounts',
    '0',
  ]
  const child = spawn(binary, options, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const address = line.match(/Listening on (\S+)/)?.[1]
    if (address) return { process: child, url: `http://${address}` }
  }
  throw new Error(`${binary} did not start. Set ANVIL_BIN to its path.`)
}

async function connect(url: string) {
  const chain = createTestClient({ chain: anvil, mode: 'anvil', transport: http(url), account: sender, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)
  await chain.setBlockTimestampInterval({ interval: 1 })
  await chain.setBalance({ address: sender.address, value: 10n ** 24n })
  return chain
}

async function deploy(chain: Chain): Promise<World> {
  const enigma = getContractAddress({ from: sender.address, nonce: 2n })
  const { x, y } = bls12_381.shortSignatures.getPublicKey(BEACON_KEY).toAffine()
  const beaconKey = encodeField(x.c0, x.c1, y.c0, y.c1)
  const beacon = await create(chain, blsBeaconAbi, blsBeaconBytecode, [enigma, beaconKey])
  const verifier = await create(chain, signedVerdictVerifierAbi, signedVerdictVerifierBytecode, [attester.address])
  const gas: Record<string, number> = {}
  const args = [PARAMETERS, beacon, verifier, [MEASUREMENT], true]
  await create(chain, enigmaAbi, enigmaBytecode, args)
  const signers = Array.from({ length: SEATS }, (_, i) => privateKeyToAccount(keccak256(toHex(`signer ${i}`))))
  return { chain, enigma, verifier, signers, gas }
}

async function create(chain: Chain, abi: readonly unknown[], bytecode: Hex, args: unknown[]): Promise<Address> {
  const data = encodeDeployData({ abi, bytecode, args } as Parameters<typeof encodeDeployData>[0])
  const hash = await chain.sendTransaction({ data, gas: 15_000_000n })
  await chain.mine({ blocks: 1 })
  const { contractAddress } = await chain.getTransactionReceipt({ hash })
  if (!contractAddress) throw new Error('deployment failed')
  return contractAddress
}

async function send(world: World, functionName: string, args: unknown[], value = 0n): Promise<number> {
  const hash = await transact(world, functionName, args, value)
  return Number((await world.chain.getTransactionReceipt({ hash })).gasUsed)
}

async function transact(world: World, functionName: string, args: unknown[], value = 0n): Promise<Hex> {
  const data = encodeFunctionData({ abi: enigmaAbi, functionName, args } as Parameters<typeof encodeFunctionData>[0])
  const hash = await world.chain.sendTransaction({ to: world.enigma, data, value, gas: 3_000_000n })
  await world.chain.mine({ blocks: 1 })
  const { status } = await world.chain.getTransactionReceipt({ hash })
  if (status !== 'success') throw new Error(`${functionName} reverted`)
  return hash
}

function read<Result>(world: World, functionName: string, args: unknown[]): Promise<Result> {
  return world.chain.readContract({
    address: world.enigma,
    abi: enigmaAbi,
    functionName,
    args,
  } as never) as Promise<Result>
}

/** EIP-2098. */
async function compactSignature(account: PrivateKeyAccount, hash: Hex): Promise<{ r: Hex; vs: Hex }> {
  const signature = await account.sign({ hash })
  const [r, s, v] = [signature.slice(2, 66), signature.slice(66, 130), signature.slice(130)]
  const parity = v === '1c' ? 1n << 255n : 0n
  return { r: `0x${r}`, vs: pad(toHex(BigInt(`0x${s}`) | parity)) }
}

/** EIP-2537: each number of the field in 64 bytes. */
function encodeField(...numbers: bigint[]): Hex {
  return concat(numbers.map((number) => pad(toHex(number), { size: 64 })))
}

/* THE SNAPSHOT */

function overLimit(gas: Record<string, number>): string[] {
  const over = Object.entries(LIMITS)
    .filter(([name, limit]) => (gas[name] ?? Number.NaN) > limit)
    .map(([name, limit]) => `${name}: ${gas[name]} exceeds ${limit}`)
  const ranks = ['', ', rank 1', ', rank 2'].map((rank) => gas[`settle, callback does nothing${rank}`] ?? Number.NaN)
  for (const [i, cost] of ranks.slice(1).entries()) {
    const more = cost - (ranks[i] ?? Number.NaN)
    if (more > LIMIT_PER_BACKUP_RANK) over.push(`rank ${i + 1} costs ${more} more, above ${LIMIT_PER_BACKUP_RANK}`)
  }
  return over
}

function write(gas: Record<string, number>): number {
  fs.mkdirSync(path.dirname(FILE), { recursive: true })
  fs.writeFileSync(FILE, `${JSON.stringify(gas, null, 2)}\n`)
  console.log(JSON.stringify(gas, null, 2))
  return report(overLimit(gas))
}

function check(gas: Record<string, number>): number {
  const kept = JSON.parse(fs.readFileSync(FILE, 'utf8')) as Record<string, number>
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
