/**
 * What of taking a seat is its attestation, and not the seat's: the verifier's call; quote, certificate and what else the quote
 * vouches for, as calldata and in the event; and the words of storage that stand for it alone.
 */
import {
  type Address,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  hexToBytes,
  keccak256,
  pad,
  parseAbiParameters,
  size,
  toHex,
} from 'viem'
import { enigmaAbi } from '../contracts/abi/index.ts'
import { type Admission, type Instruction, MEASUREMENT, read, trace, type World } from './gas-world.ts'

type Taking = { reuse: bigint; signer: Address; admission: Admission; value: bigint }

/** Before the seat is taken. What its machine's list costs is known once it is: `platformTag`. */
export async function traceOfTaking(world: World, { reuse, signer, admission, value }: Taking) {
  const { quoted, leaf } = admission
  const data = encodeFunctionData({ abi: enigmaAbi, functionName: 'takeSeat', args: [reuse, signer, ...quoted, leaf] })
  const bare = [reuse, signer, pad('0x'), 0n, '0x', '0x'] as const
  const unattested = encodeFunctionData({ abi: enigmaAbi, functionName: 'takeSeat', args: bare })
  const steps = await trace(world, world.enigma, data, value)
  const eventBytes = 64 + paddedSize(quoted[2]) + paddedSize(leaf)
  const carried = calldataGas(data) - calldataGas(unattested) + 8 * eventBytes
  return (platformTag: number) => carried + attestationGas(steps, wordsOf(reuse - 1n, platformTag))
}

/** In Enigma's other half, one level below: from the first of the words to the first other one behind the verifier's call, and its words later on. */
function attestationGas(steps: readonly Instruction[], words: ReadonlySet<Hex>): number {
  const isWord = ({ op, depth }: Instruction) => depth === 2 && (op === 'SLOAD' || op === 'SSTORE')
  const start = steps.findIndex((step) => isWord(step) && words.has(step.top))
  const call = steps.findIndex(({ op, depth }) => op === 'STATICCALL' && depth === 2)
  const end = steps.findIndex((step, i) => i > call && isWord(step) && !words.has(step.top))
  const [first, after] = [steps[start], steps[end]]
  if (!first || !after || call < start) throw new Error('the node traced no verification')
  const later = steps.map((step, i) => {
    return i > end && isWord(step) && words.has(step.top) ? step.gas - (steps[i + 1]?.gas ?? step.gas) : 0
  })
  return later.reduce((sum, cost) => sum + cost, first.gas - after.gas)
}

/** As `forge inspect Enigma storage` has them: the verifier, the network's hash, the measurement's number, the machine's record and list. */
function wordsOf(seat: bigint, platformTag: number): Set<Hex> {
  const mapped = (key: bigint, place: bigint) =>
    keccak256(encodeAbiParameters(parseAbiParameters('uint256, uint256'), [key, place]))
  return new Set<Hex>([
    pad(toHex(45)),
    pad(toHex(46)),
    mapped(BigInt(MEASUREMENT), 39n),
    mapped(seat, 42n),
    mapped(BigInt(platformTag), 43n),
  ])
}

function calldataGas(data: Hex): number {
  return hexToBytes(data).reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0)
}

function paddedSize(bytes: Hex): number {
  return Math.ceil(size(bytes) / 32) * 32
}

export function platformTagOf(world: World, seat: bigint): Promise<number> {
  return read<{ platformTag: number }>(world, 'seat', [seat]).then(({ platformTag }) => platformTag)
}
