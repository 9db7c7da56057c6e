/**
 * What starting an epoch costs where its seed comes from drand.
 *
 * A contract's beacon is for life, so the drand beacon's code is put in the place of the other's: everything else is the same.
 */
import { headerRlp } from '@enigma/evm/proof/writer'
import { beaconPublicKey, drandMessage, drandProof, hexToBytes, roundAt, signSeed } from '@enigma/protocol'
import { type Address, bytesToHex, pad, toHex } from 'viem'
import { drandBeaconAbi, drandBeaconBytecode } from '../contracts/abi/index.ts'
import { create, read, send, type World } from './gas-world.ts'

const KEY = hexToBytes(pad('0x0d4a2d'))
/** A network that began before this chain. */
const SCHEDULE = { genesisTime: 1_000_000, periodSeconds: 3, delaySeconds: 30 }

/** Of the current epoch, whose seed nobody has posted. */
export async function postDrandSeed(world: World): Promise<number> {
  const { chain, enigma } = world
  const beacon = await read<Address>(world, 'beacon', [])
  const { genesisTime, periodSeconds, delaySeconds } = SCHEDULE
  const args = [enigma, bytesToHex(beaconPublicKey(KEY)), BigInt(genesisTime), periodSeconds, delaySeconds]
  const bytecode = await chain.getCode({ address: await create(chain, drandBeaconAbi, drandBeaconBytecode, args) })
  await chain.setCode({ address: beacon, bytecode: bytecode ?? '0x' })
  const epoch = await read<bigint>(world, 'currentEpoch', [])
  const boundary = await read<bigint>(world, 'boundaryBlock', [epoch])
  const request = { method: 'eth_getBlockByNumber', params: [toHex(boundary), false] }
  const block = (await chain.request(request as never)) as Record<string, unknown>
  const signature = signSeed(drandMessage(roundAt(Number(block.timestamp), SCHEDULE)), KEY)
  return send(world, 'postSeed', [epoch, bytesToHex(drandProof(signature, headerRlp(block)))])
}
