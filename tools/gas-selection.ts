/** What drawing a worker costs in a lottery of 100,000 seats. */
import {
  type Address,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  keccak256,
  pad,
  parseAbiParameters,
  toHex,
} from 'viem'
import { enigmaAbi } from '../contracts/abi/index.ts'
import { read, trace, type World } from './gas-world.ts'

/** Of each rank, which are so many. Only those seats exist in storage that are drawn: the others are never read. */
export async function measureSelection(world: World, gas: Record<string, number>, ranks: number): Promise<void> {
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

  for (let rank = 0; rank < ranks; rank++) {
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

/** Of the draw with index `j`, by the lottery of this seed: which seat it is follows from it. */
export function drawHash(seed: bigint, dApp: Address, j: number): Hex {
  const words = [seed, dApp, 0n, BigInt(j)] as const
  return keccak256(encodeAbiParameters(parseAbiParameters('uint256, address, uint256, uint256'), words))
}
