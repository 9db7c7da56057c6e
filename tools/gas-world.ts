/**
 * A deployment on a chain of its own, in which every run of the gas measurement finds the same: accounts, keys and timestamps
 * are fixed, and blocks are mined by hand. Beacon and attestation verifier are the real ones.
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { createInterface } from 'node:readline'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import {
  type Address,
  type BaseError,
  concat,
  createTestClient,
  encodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  hexToBytes,
  http,
  keccak256,
  pad,
  parseAbiParameters,
  publicActions,
  type TransactionReceipt,
  type Transport,
  toHex,
  walletActions,
} from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { anvil } from 'viem/chains'
import {
  blsBeaconAbi,
  blsBeaconBytecode,
  dcapVerifierAbi,
  dcapVerifierBytecode,
  enigmaAbi,
  enigmaBytecode,
  enigmaSeatsAbi,
  enigmaSeatsBytecode,
} from '../contracts/abi/index.ts'
import { firstFilling, GENESIS_TIME, POLICY, quoteOf, rootDer, type Step } from './gas-collateral.ts'

/** A chain of one's own that speaks anvil's dialect, and whose blocks are mined by hand. */
export type GasNode = {
  transport: Transport
  /** How many times the gas that suffices today a transaction is given. */
  gasFactor: bigint
  stop(): void
}

export type Chain = Awaited<ReturnType<typeof connect>>

export type World = {
  chain: Chain
  enigma: Address
  verifier: Address
  signers: PrivateKeyAccount[]
}

export const PARAMETERS = {
  epochBlocks: 60,
  windowBlocks: 4,
  graceBlocks: 10,
  cutBlocks: 48,
  coolEpochs: 2,
  lifeEpochs: 20,
  secondsPerEpoch: 60,
  collateralGraceSeconds: 86_400,
  seatsPerPlatform: 2,
  bondGwei: 1_000_000_000n,
  floorGwei: 10_000n,
  computeGweiPerMgas: 1_000n,
  joinFeeGwei: 10_000_000n,
}

export const SEATS = 4
export const sender = privateKeyToAccount(keccak256(toHex('sender')))
const BEACON_KEY = hexToBytes(pad('0x0a11ce'))

export const MEASUREMENT = keccak256(toHex('measurement'))

export async function startAnvil(): Promise<GasNode> {
  const fromNpm = 'node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil'
  const binary = process.env.ANVIL_BIN ?? (fs.existsSync(fromNpm) ? fromNpm : 'anvil')
  const options = ['--port', '0', '--hardfork', 'osaka', '--no-mining', '--accounts', '0']
  // In memory only: kept on disk, a killed chain would leave its states in the user's home.
  options.push('--prune-history', '2000')
  options.push('--timestamp', `${GENESIS_TIME}`)
  const child = spawn(binary, options, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const address = line.match(/Listening on (\S+)/)?.[1]
    if (address) return { transport: http(`http://${address}`), gasFactor: 1n, stop: () => child.kill('SIGKILL') }
  }
  throw new Error(`${binary} did not start. Set ANVIL_BIN to its path.`)
}

export async function connect({ transport, gasFactor }: GasNode) {
  const chain = createTestClient({ chain: anvil, mode: 'anvil', transport, account: sender, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)
    .extend(() => ({ gasFactor }))
  await chain.setBlockTimestampInterval({ interval: 1 })
  await chain.setBalance({ address: sender.address, value: 10n ** 24n })
  return chain
}

export async function deploy(chain: Chain): Promise<World> {
  const enigma = getContractAddress({ from: sender.address, nonce: 3n })
  const { x, y } = bls12_381.shortSignatures.getPublicKey(BEACON_KEY).toAffine()
  const beaconKey = encodeField(x.c0, x.c1, y.c0, y.c1)
  const beacon = await create(chain, blsBeaconAbi, blsBeaconBytecode, [enigma, beaconKey])
  const verifier = await create(chain, dcapVerifierAbi, dcapVerifierBytecode, [rootDer, POLICY, true])
  const observation = { observers: [sender.address], threshold: 1, depth: 0 }
  const governance = { governor: sender.address, guardian: sender.address }
  const seats = await create(chain, enigmaSeatsAbi, enigmaSeatsBytecode, [PARAMETERS, true])
  const args = [seats, observation, beacon, verifier, [MEASUREMENT], governance]
  await create(chain, enigmaAbi, enigmaBytecode, args)
  const signers = Array.from({ length: SEATS }, (_, i) => privateKeyToAccount(keccak256(toHex(`signer ${i}`))))
  const world = { chain, enigma, verifier, signers }
  for (const step of firstFilling()) await bring(world, step)
  return world
}

/** Collateral to the verifier. */
export async function bring({ chain, verifier }: World, { name, functionName, args }: Step): Promise<number> {
  const data = encodeFunctionData({ abi: dcapVerifierAbi, functionName, args } as Parameters<
    typeof encodeFunctionData
  >[0])
  return Number((await include(chain, name, { to: verifier, data, gas: 15_000_000n })).gasUsed)
}

export async function create(chain: Chain, abi: readonly unknown[], bytecode: Hex, args: unknown[]): Promise<Address> {
  const data = encodeDeployData({ abi, bytecode, args } as Parameters<typeof encodeDeployData>[0])
  const hash = await chain.sendTransaction({ data, gas: 15_000_000n * chain.gasFactor })
  await chain.mine({ blocks: 1 })
  const { contractAddress } = await chain.getTransactionReceipt({ hash })
  if (!contractAddress) throw new Error('deployment failed')
  return contractAddress
}

export async function send(world: World, functionName: string, args: unknown[], value = 0n): Promise<number> {
  return Number((await transact(world, functionName, args, value)).gasUsed)
}

export function transact(world: World, functionName: string, args: unknown[], value = 0n): Promise<TransactionReceipt> {
  const data = encodeFunctionData({ abi: enigmaAbi, functionName, args } as Parameters<typeof encodeFunctionData>[0])
  return include(world.chain, functionName, { to: world.enigma, data, value, gas: 3_000_000n })
}

type Call = { to: Address; data: Hex; gas: bigint; value?: bigint }

/** Mined, and successful. */
export async function include(chain: Chain, name: string, needed: Call): Promise<TransactionReceipt> {
  const call = { ...needed, gas: needed.gas * chain.gasFactor }
  const hash = await chain.sendTransaction(call)
  await chain.mine({ blocks: 1 })
  const receipt = await chain.getTransactionReceipt({ hash })
  if (receipt.status === 'success') return receipt
  const reason = await chain.call(call).then(
    () => 'nothing, a moment later',
    (error: BaseError) => error.details || error.shortMessage,
  )
  throw new Error(`${name} reverted: ${reason}`)
}

export function read<Result>(world: World, functionName: string, args: unknown[]): Promise<Result> {
  return world.chain.readContract({
    address: world.enigma,
    abi: enigmaAbi,
    functionName,
    args,
  } as never) as Promise<Result>
}

/** EIP-2098. */
export async function compactSignature(account: PrivateKeyAccount, hash: Hex): Promise<{ r: Hex; vs: Hex }> {
  const signature = await account.sign({ hash })
  const [r, s, v] = [signature.slice(2, 66), signature.slice(66, 130), signature.slice(130)]
  const parity = v === '1c' ? 1n << 255n : 0n
  return { r: `0x${r}`, vs: pad(toHex(BigInt(`0x${s}`) | parity)) }
}

/** EIP-2537: each number of the field in 64 bytes. */
function encodeField(...numbers: bigint[]): Hex {
  return concat(numbers.map((number) => pad(toHex(number), { size: 64 })))
}

export type Admission = { quoted: [inputKey: Hex, identityBlock: bigint, quote: Hex]; leaf: Hex; record: Hex }

/** What vouches for a signer: the arguments that takeSeat and renewSeat share, and the two kinds of evidence. */
export async function attested(world: World, signer: Address, platformName = machineOf(world, signer)) {
  const inputKey = keccak256(toHex('input key'))
  const { number, hash } = await world.chain.getBlock()
  const networkHash = await read<Hex>(world, 'networkHash', [])
  const identity = keccak256(
    encodeAbiParameters(parseAbiParameters('bytes32, bytes32, address, address, bytes32, uint256'), [
      keccak256(toHex('enigma.worker.v1')),
      networkHash,
      sender.address,
      signer,
      inputKey,
      number,
    ]),
  )
  const { quote, leaf, record } = quoteOf(platformName, MEASUREMENT, concat([identity, hash]))
  return { quoted: [inputKey, number, quote], leaf, record } satisfies Admission
}

/** Two seats to a machine. */
export function machineOf({ signers }: World, signer: Address): string {
  return `machine ${Math.floor(signers.findIndex(({ address }) => address === signer) / 2)}`
}

export async function mineToEpoch(world: World, epoch: bigint): Promise<void> {
  const boundary = await read<bigint>(world, 'boundaryBlock', [epoch])
  await world.chain.mine({ blocks: Number(boundary - (await world.chain.getBlockNumber())) + 1 })
}

export async function postSeed(world: World): Promise<number> {
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

/** An instruction, with the depth of its call, the gas left before it, and the top of the stack. */
export type Instruction = { op: string; depth: number; gas: number; top: Hex }

/** Each instruction of a call. */
export async function trace({ chain }: World, to: Address, data: Hex, value = 0n): Promise<Instruction[]> {
  const options = { disableMemory: true, disableStorage: true }
  const call = { from: sender.address, to, data, value: toHex(value) }
  const request = { method: 'debug_traceCall', params: [call, 'latest', options] }
  const { structLogs } = (await chain.request(request as never)) as { structLogs: (Instruction & { stack?: Hex[] })[] }
  if (structLogs.length === 0) throw new Error('the node traced nothing')
  return structLogs.map(({ op, depth, gas, stack }) => ({ op, depth, gas, top: pad(stack?.at(-1) ?? '0x') }))
}
