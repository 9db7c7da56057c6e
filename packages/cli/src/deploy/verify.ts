/** Whether what stands on chain is what a network file says, compared with this program's own copy of the contracts. */
import { policyHash } from '@enigma/attestation'
import { blsBeaconAbi, enigmaAbi, keyRegistryAbi, timelockAbi } from '@enigma/contracts'
import { EnigmaError, keyRegistryOf, networkHash } from '@enigma/protocol'
import { BaseError, getContract, type PublicClient, zeroAddress, zeroHash } from 'viem'
import type { NetworkFile } from '../network-file.ts'
import { beaconCode, enigmaCode, registryCode, seatsCode, timelockCode, verifierCode } from './code.ts'
import { CannotRunError, type Expectation, expectedCode } from './expected-code.ts'

/** One comparison; with `fault`, what was found instead. */
export type Finding = { what: string; fault?: string }

const LEAST_DELAY_SECONDS = 7n * 86_400n
/** As many as the contract's mask has bits. */
const MOST_MEASUREMENTS = 32

/** Compares code and state of each contract of the network with the file. */
export async function verifyNetwork(client: PublicClient, file: NetworkFile): Promise<Finding[]> {
  const chainId = await client.getChainId()
  if (chainId !== file.chainId) return [same('chain id', chainId, file.chainId)]
  const [codes, state, governor] = await Promise.all([
    verifyCodes(client, file),
    verifyState(client, file),
    verifyGovernor(client, file),
  ])
  return [...codes, ...state, ...governor]
}

async function verifyCodes(client: PublicClient, file: NetworkFile): Promise<Finding[]> {
  const registry = keyRegistryOf(file.enigma)
  return Promise.all([
    verifyCode(client, 'DcapVerifier', { address: file.attestationVerifier, creationCode: verifierCode(file) }),
    verifyBeacon(client, file),
    verifyCode(client, 'EnigmaSeats', {
      ...{ address: file.seats, creationCode: seatsCode(file), blockNumber: file.genesisBlock },
    }),
    verifyCode(client, 'Enigma', { address: file.enigma, creationCode: enigmaCode(file), creates: registry }),
    verifyCode(client, 'KeyRegistry', { address: registry, creationCode: registryCode(file), from: file.enigma }),
  ])
}

async function verifyCode(client: PublicClient, label: string, expectation: Expectation): Promise<Finding> {
  const what = `code of ${label} at ${expectation.address}`
  const found = await client.getCode({ address: expectation.address })
  if (found === undefined) return { what, fault: 'there is none' }
  try {
    const expected = await expectedCode(client, expectation)
    return found === expected ? { what } : { what, fault: 'it is other code, or has other values in it' }
  } catch (error) {
    if (error instanceof CannotRunError) return { what, fault: error.message }
    throw error
  }
}

/** The key is the Principal's own: it is compared with nothing, but must stand in our code. */
async function verifyBeacon(client: PublicClient, { beacon, enigma }: NetworkFile): Promise<Finding> {
  const { read } = getContract({ address: beacon, abi: blsBeaconAbi, client })
  const key = await orUndefined(read.publicKey())
  if (key === undefined) return { what: `code of BlsBeacon at ${beacon}`, fault: 'it has no public key' }
  return verifyCode(client, 'BlsBeacon', { address: beacon, creationCode: beaconCode(enigma, key) })
}

async function verifyState(client: PublicClient, file: NetworkFile): Promise<Finding[]> {
  const { read } = getContract({ address: file.enigma, abi: enigmaAbi, client })
  const registry = getContract({ address: keyRegistryOf(file.enigma), abi: keyRegistryAbi, client })
  if ((await orUndefined(read.genesisBlock())) === undefined) return []
  const [parameters, hash, beacon, verifier, governor, guardian, policy, measurements] = await Promise.all([
    read.parameters(),
    read.networkHash(),
    read.beacon(),
    read.attestationVerifier(),
    registry.read.governor(),
    registry.read.guardian(),
    registry.read.policyHash(),
    Promise.all(Array.from({ length: MOST_MEASUREMENTS }, (_, id) => read.measurement([id]))),
  ])
  const admitted = measurements.filter((measurement) => measurement !== zeroHash)
  return [
    ...Object.entries(parameters).map(([name, found]) =>
      same(`parameter ${name}`, found, file.parameters[name as keyof NetworkFile['parameters']]),
    ),
    same('network hash', hash, file.networkHash),
    verifyHash(file),
    same('beacon', beacon.toLowerCase(), file.beacon),
    same('attestation verifier', verifier.toLowerCase(), file.attestationVerifier),
    same('policy', policy, policyHash(file.policy)),
    same('governor', governor.toLowerCase(), file.governor),
    same('guardian', guardian.toLowerCase(), file.guardian),
    same('measurements', admitted.join(', '), file.measurements.join(', ')),
  ]
}

/** A real network is governed by a timelock of its own, or by nobody. */
async function verifyGovernor(client: PublicClient, file: NetworkFile): Promise<Finding[]> {
  if (file.governor === zeroAddress) return [{ what: 'governor: nobody' }]
  const { read } = getContract({ address: file.governor, abi: timelockAbi, client })
  const delay = await orUndefined(read.delay())
  const what = `governor ${file.governor} is a timelock`
  if (delay === undefined) return file.simulated ? [] : [{ what, fault: 'it is none' }]
  const creationCode = timelockCode(file.enigma, await read.owner(), delay)
  const isShort = delay < LEAST_DELAY_SECONDS && !file.simulated
  return [
    await verifyCode(client, 'Timelock', { address: file.governor, creationCode }),
    isShort ? { what, fault: `its delay is ${delay} seconds, below 7 days` } : { what },
  ]
}

function same(what: string, found: unknown, expected: unknown): Finding {
  if (found === expected || String(found) === String(expected)) return { what }
  return { what, fault: `${found} on chain, ${expected} in the file` }
}

/** Whether the file's observers are those that its network hash stands for. */
function verifyHash(file: NetworkFile): Finding {
  const { chainId, enigma, observers, threshold, depth, simulated, serial } = file
  const what = 'network hash of the observers'
  const addresses = observers.map(({ address }) => address)
  const network = { enigma, observers: addresses, threshold, depth, simulated, serial }
  try {
    return same(what, networkHash({ chainId: BigInt(chainId), ...network }), file.networkHash)
  } catch (error) {
    if (error instanceof EnigmaError) return { what, fault: error.message }
    throw error
  }
}

async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (error instanceof BaseError) return undefined
    throw error
  }
}
