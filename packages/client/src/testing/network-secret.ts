/**
 * A network secret whose holders are the test's own workers: they sign for the registry as Cores do.
 *
 * What they would hand to each other stays here; the chain sees the same books as with real ones.
 */
import { keyRegistryAbi } from '@enigma/contracts'
import {
  type Address,
  bytesToHex,
  type CompactSignature,
  commitDigest,
  commitmentOf,
  contractKeyDigest,
  contractKeySecret,
  dataContext,
  grantDigest,
  type Hex,
  hexToBytes,
  holdsDigest,
  joinDigest,
  keccak256,
  keyRegistryOf,
  networkSignerSecret,
  openData,
  signDigest,
  signerAddress,
  utf8,
  webCrypto,
} from '@enigma/protocol'
import { encodeFunctionData } from 'viem'
import type { FakeWorker } from './fake-worker.ts'
import type { World } from './world.ts'

export type NetworkSecret = {
  registry: Address
  /** Has the next generation committed by the first worker, granted to the second, and confirmed. */
  makeGeneration(): Promise<number>
  /** Publishes a dApp's key of the last generation, as some worker does when it is asked for. */
  publishKey(dApp: Address): Promise<Hex>
  /** What a private function would get from `Private.open`. */
  open(data: Hex, whose: { dApp: Address; owner: Address; label: Hex; generation?: number }): Promise<Hex>
}

/** Of a world with at least two workers. Nothing is committed yet. */
export function openNetworkSecret(world: World): NetworkSecret {
  const { client, domain, network, networkHash, deployer } = world
  const registry = keyRegistryOf(network.enigma)
  const scope = { ...domain, simulated: true }
  const [first, second] = world.workers as [FakeWorker, FakeWorker]
  let last = 0

  const secretOf = (generation: number) => hexToBytes(keccak256(utf8(`secret ${generation}`)))
  const codeHashOf = async (dApp: Address) => keccak256(hexToBytes((await client.getCode({ address: dApp })) ?? '0x'))

  async function write(functionName: string, ...args: unknown[]): Promise<void> {
    const data = encodeFunctionData({ abi: keyRegistryAbi, functionName, args } as never)
    await world.send(deployer, registry, data)
  }

  async function ownerOf(dApp: Address, generation: number) {
    const codeHash = await codeHashOf(dApp)
    const secretKey = contractKeySecret(secretOf(generation), scope, { dApp, codeHash, generation })
    return { codeHash, keys: { secretKey, publicKey: bytesToHex(await webCrypto.publicKey(secretKey)) } }
  }

  return {
    registry,

    async makeGeneration() {
      const generation = last + 1
      const secret = secretOf(generation)
      const commitment = commitmentOf(secret, scope, generation)
      const networkSigner = signerAddress(networkSignerSecret(secret, scope, generation))
      const committed = { networkHash, seat: first.seat, generation, commitment, networkSigner }
      const joinKey = bytesToHex(await webCrypto.publicKey(secretOf(-generation)))
      const joined = { networkHash, seat: second.seat, joinKey }
      // Nobody opens it here: the second worker knows the secret.
      const ciphertext = '0x00'
      const granted = { ...joined, generation, ciphertextHash: keccak256(hexToBytes(ciphertext)) }

      if (generation > 1) await write('openGeneration')
      const commit = by(first, commitDigest(domain, committed))
      await write('commitGeneration', BigInt(first.seat), generation, commitment, networkSigner, ...commit)
      await write('requestJoin', BigInt(second.seat), joinKey, ...by(second, joinDigest(domain, joined)))
      const seats = [BigInt(second.seat), BigInt(first.seat)]
      await write('grantKey', ...seats, joinKey, generation, ciphertext, ...by(first, grantDigest(domain, granted)))
      const holds = by(second, holdsDigest(domain, { networkHash, generation, commitment }))
      await write('confirmHolder', BigInt(second.seat), generation, ...holds)
      last = generation
      return generation
    },

    async publishKey(dApp) {
      const { codeHash, keys } = await ownerOf(dApp, last)
      const key = { dApp, codeHash, generation: last, publicKey: keys.publicKey }
      const signer = networkSignerSecret(secretOf(last), scope, last)
      const { r, vs } = signDigest(contractKeyDigest(domain, key), signer)
      await write('publishKey', dApp, codeHash, last, keys.publicKey, r, vs)
      return keys.publicKey
    },

    async open(data, { dApp, owner, label, generation = last }) {
      const { codeHash, keys } = await ownerOf(dApp, generation)
      const context = dataContext({ ...domain, dApp, codeHash, owner, label })
      return bytesToHex(await openData({ envelope: hexToBytes(data), context, keys: [keys] }))
    },
  }
}

function by({ signerKey }: FakeWorker, digest: Hex): [Hex, Hex] {
  const { r, vs }: CompactSignature = signDigest(digest, signerKey)
  return [r, vs]
}
