/**
 * The key registry, as the client reads it: which generation seals, and each dApp's key under it.
 *
 * Its address follows from Enigma's, so nobody can name another. What it says, the RPC says: see `contract-keys.ts`.
 */
import { type Address, EnigmaError, type Hex, keyRegistryOf } from '@enigma/protocol'
import { getAbiItem, parseAbi, parseEventLogs } from 'viem'
import { getLogs, readContract } from 'viem/actions'
import type { ChainClient } from './connection.ts'
import { lower } from './enigma-contract.ts'

/** As much of IKeyRegistry as is used here; a test holds it against the contract's. */
export const registryAbi = /* @__PURE__ */ parseAbi([
  'struct State { uint32 generation; uint32 minGeneration; uint32 openGeneration; bool isFrozen; uint32 heldMask; uint32 rotatedMask; uint32 laterMask; }',
  'struct Generation { bytes32 commitment; address networkSigner; uint32 seat; uint32 epoch; }',
  'function state() view returns (State)',
  'function generation(uint32 number) view returns (Generation)',
  'function contractKey(address dApp, bytes32 codeHash, uint32 generation_) view returns (bytes32)',
  'function requestKey(address dApp)',
  'event KeyPublished(address indexed dApp, bytes32 indexed codeHash, uint32 indexed generation, bytes32 publicKey, bytes32 r, bytes32 vs)',
  'error KeyAlreadyPublished(address dApp, bytes32 codeHash, uint256 generation)',
  'error NoSecretYet()',
  'error NotAContract(address dApp)',
])

export type KeyPlace = { dApp: Address; codeHash: Hex; generation: number }
export type KeyRegistry = ReturnType<typeof keyRegistry>

export function keyRegistry(client: ChainClient, enigma: Address) {
  const address = keyRegistryOf(enigma)
  const at = { address, abi: registryAbi } as const
  const event = getAbiItem({ abi: registryAbi, name: 'KeyPublished' })
  return {
    ...at,
    /** The generation that seals. */
    lastFinal: async (): Promise<number> => {
      const { generation } = await readContract(client, { ...at, functionName: 'state' })
      if (generation === 0) throw new NoNetworkSecretError()
      return generation
    },
    generation: async (number: number): Promise<{ networkSigner: Address; epoch: number }> => {
      const found = await readContract(client, { ...at, functionName: 'generation', args: [number] })
      return { networkSigner: lower(found.networkSigner), epoch: found.epoch }
    },
    /** Zero until it is published. */
    contractKey: async ({ dApp, codeHash, generation }: KeyPlace): Promise<Hex> =>
      readContract(client, { ...at, functionName: 'contractKey', args: [dApp, codeHash, generation] }),
    /** The signature that a key was published with, if the RPC has logs from these blocks. */
    publication: async (
      { dApp, codeHash, generation }: KeyPlace,
      fromBlock: bigint,
      toBlock: bigint,
    ): Promise<{ r: Hex; vs: Hex } | undefined> => {
      const logs = await getLogs(client, { address, event, args: { dApp, codeHash, generation }, fromBlock, toBlock })
      return parseEventLogs({ abi: registryAbi, eventName: 'KeyPublished', logs }).at(-1)?.args
    },
  }
}

export class NoNetworkSecretError extends EnigmaError {
  override readonly name = 'NoNetworkSecretError'
  readonly code = 'NO_NETWORK_SECRET'
  constructor() {
    super('This network has no final generation of its secret yet: nothing can be sealed for contracts.', {
      hint: 'Two of its workers have to hold the secret first; on a new network, wait a little.',
    })
  }
}
