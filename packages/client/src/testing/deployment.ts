/** The real contracts: the beacon's key and the simulated hardware's maker are in the test's hands. */
import { defaultPolicy } from '@enigma/attestation'
import { createSimulatedPki } from '@enigma/attestation/simulated'
import { type Issued, publishCollateral } from '@enigma/attestation-service/testing'
import {
  blsBeaconAbi,
  blsBeaconBytecode,
  dcapVerifierAbi,
  dcapVerifierBytecode,
  enigmaAbi,
  enigmaBytecode,
  enigmaSeatsAbi,
  enigmaSeatsBytecode,
} from '@enigma/contracts'
import {
  type Address,
  beaconPublicKey,
  bytesToHex,
  type Domain,
  hexToBytes,
  keccak256,
  seedMessage,
  signSeed,
  utf8,
} from '@enigma/protocol'
import { encodeFunctionData, getContractAddress } from 'viem'
import type { EnigmaNetwork } from '../network.ts'
import { chain, type TestChain } from './chain.ts'
import { MEASUREMENT } from './fake-worker.ts'

export const EPOCH_BLOCKS = 100
export const WINDOW_BLOCKS = 4
const PARAMETERS = {
  epochBlocks: EPOCH_BLOCKS,
  windowBlocks: WINDOW_BLOCKS,
  graceBlocks: 10,
  cutBlocks: EPOCH_BLOCKS - 2,
  coolEpochs: 2,
  lifeEpochs: 100,
  secondsPerEpoch: 100,
  collateralGraceSeconds: 86_400,
  seatsPerPlatform: 2,
  bondGwei: 1_000_000_000n,
  floorGwei: 10_000n,
  computeGweiPerMgas: 1_000n,
  joinFeeGwei: 10_000_000n,
}
const BEACON_KEY = hexToBytes(keccak256(utf8('beacon')))
/** UpToDate and SWHardeningNeeded, as the default policy has it. */
const POLICY = {
  statusMask: 0b11,
  minEvaluationNumber: 0,
  advisoryIds: defaultPolicy.advisoryIds,
  deniedFmspcs: [],
  deniedPlatforms: [],
}

export type Deployment = Awaited<ReturnType<typeof deployEnigma>>

export async function deployEnigma(test: TestChain) {
  const { client } = test
  const deployer = test.account(0)
  await test.fund(deployer.address)
  const at = (nonce: bigint) => getContractAddress({ from: deployer.address, nonce }).toLowerCase() as Address
  const [beacon, verifier, seats, enigma] = [at(0n), at(1n), at(2n), at(3n)]
  const beaconKey = bytesToHex(beaconPublicKey(BEACON_KEY))
  await test.deploy(deployer, blsBeaconAbi, blsBeaconBytecode, [enigma, beaconKey])
  const { trustRoot } = createSimulatedPki()
  const root = bytesToHex(trustRoot.certificate)
  await test.deploy(deployer, dcapVerifierAbi, dcapVerifierBytecode, [root, POLICY, true])
  const observation = { observers: [test.account(1).address.toLowerCase() as Address], threshold: 1, depth: 0 }
  const governance = { governor: deployer.address, guardian: deployer.address }
  await test.deploy(deployer, enigmaSeatsAbi, enigmaSeatsBytecode, [PARAMETERS, true])
  const genesisBlock = await client.getBlockNumber()
  const parts = [beacon, verifier, [MEASUREMENT], governance]
  await test.deploy(deployer, enigmaAbi, enigmaBytecode, [seats, observation, ...parts])

  const networkHash = await client.readContract({ address: enigma, abi: enigmaAbi, functionName: 'networkHash' })
  const domain: Domain = { chainId: BigInt(chain.id), enigma }
  const network: EnigmaNetwork = {
    chainId: chain.id,
    enigma,
    attestationUrl: 'http://attestation.test',
    measurements: [MEASUREMENT],
    simulated: true,
    ...observation,
    serial: 0,
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

    /** Has the chain keep what the simulated maker issues now, as whoever keeps collateral does. */
    async publish(issued?: Issued): Promise<void> {
      // Issued a second after what was published before.
      await test.mine(1)
      const { timestamp } = await client.getBlock()
      const clock = { nowMs: () => Number(timestamp) * 1000, sleep: () => test.mine(1) }
      await publishCollateral({ rpcUrl: test.url, verifier, key: test.keyOf(0) }, clock, issued)
    },
  }
}
