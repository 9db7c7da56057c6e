/**
 * The real contracts, with the beacon's and the Attestation service's keys in the test's hands.
 *
 * The service signs whatever it is given, so that a quote that is no good reaches the client.
 */
import {
  blsBeaconAbi,
  blsBeaconBytecode,
  enigmaAbi,
  enigmaBytecode,
  signedVerdictVerifierAbi,
  signedVerdictVerifierBytecode,
} from '@enigma/contracts'
import {
  type Address,
  beaconPublicKey,
  bytesToHex,
  compactSignature,
  type Domain,
  type Hex,
  keccak256 as hash,
  hexToBytes,
  seedMessage,
  signSeed,
  utf8,
} from '@enigma/protocol'
import { encodeAbiParameters, encodeFunctionData, getContractAddress, keccak256, parseSignature } from 'viem'
import type { EnigmaNetwork } from '../network.ts'
import { chain, type TestChain } from './chain.ts'
import { MEASUREMENT } from './fake-worker.ts'

export const EPOCH_BLOCKS = 100
export const WINDOW_BLOCKS = 4
const PARAMETERS = {
  epochBlocks: EPOCH_BLOCKS,
  windowBlocks: WINDOW_BLOCKS,
  graceBlocks: 10,
  coolEpochs: 2,
  lifeEpochs: 100,
  secondsPerEpoch: 100,
  collateralGraceSeconds: 86_400,
  bondGwei: 1_000_000_000n,
  floorGwei: 10_000n,
  computeGweiPerMgas: 1_000n,
}
const BEACON_KEY = hexToBytes(hash(utf8('beacon')))
const YEAR_SECONDS = 365 * 86_400

export type Deployment = Awaited<ReturnType<typeof deployEnigma>>

export async function deployEnigma(test: TestChain) {
  const { client } = test
  const deployer = test.account(0)
  const attester = test.account(1)
  await test.fund(deployer.address)
  const at = (nonce: bigint) => getContractAddress({ from: deployer.address, nonce }).toLowerCase() as Address
  const [beacon, verifier, enigma] = [at(0n), at(1n), at(2n)]
  const beaconKey = bytesToHex(beaconPublicKey(BEACON_KEY))
  await test.deploy(deployer, blsBeaconAbi, blsBeaconBytecode, [enigma, beaconKey])
  await test.deploy(deployer, signedVerdictVerifierAbi, signedVerdictVerifierBytecode, [attester.address])
  await test.deploy(deployer, enigmaAbi, enigmaBytecode, [PARAMETERS, beacon, verifier, [MEASUREMENT], true])

  const genesisBlock = await client.getBlockNumber()
  const networkHash = await client.readContract({ address: enigma, abi: enigmaAbi, functionName: 'networkHash' })
  const domain: Domain = { chainId: BigInt(chain.id), enigma }
  const network: EnigmaNetwork = {
    chainId: chain.id,
    enigma,
    attestationUrl: 'http://attestation.test',
    networkHash,
    measurements: [MEASUREMENT],
    simulated: true,
  }
  const boundaryOf = (epoch: number) => genesisBlock + BigInt(epoch * EPOCH_BLOCKS)

  return {
    deployer,
    domain,
    network,
    networkHash,
    genesisBlock,
    boundaryOf,

    /** As the Principal does. */
    async postSeed(epoch: number): Promise<void> {
      const { hash: anchor } = await client.getBlock({ blockNumber: boundaryOf(epoch) })
      const proof = bytesToHex(signSeed(seedMessage({ ...domain, epoch, anchor }), BEACON_KEY))
      const data = encodeFunctionData({ abi: enigmaAbi, functionName: 'postSeed', args: [BigInt(epoch), proof] })
      await test.send(deployer, enigma, data)
    },

    /** The Attestation service's word for a quote. */
    async evidence(quote: Hex, nowSeconds: number): Promise<Hex> {
      const validUntil = BigInt(nowSeconds + YEAR_SECONDS)
      const signature = await attester.signTypedData({
        domain: { name: 'Enigma Attestation', version: '1', chainId: chain.id, verifyingContract: verifier },
        types: {
          Verdict: [
            { name: 'quoteHash', type: 'bytes32' },
            { name: 'validUntil', type: 'uint64' },
          ],
        },
        primaryType: 'Verdict',
        message: { quoteHash: keccak256(quote), validUntil },
      })
      const { r, s, yParity } = parseSignature(signature)
      const { vs } = compactSignature({ r, s, recovery: yParity === 1 ? 1 : 0 })
      const types = [{ type: 'uint64' }, { type: 'bytes32' }, { type: 'bytes32' }] as const
      return encodeAbiParameters(types, [validUntil, r, vs])
    },
  }
}
