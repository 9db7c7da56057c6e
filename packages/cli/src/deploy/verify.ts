/** Whether what stands on chain is what a network file says, compared with this program's own copy of the contracts. */
import { policyHash } from '@enigma/attestation'
import { enigmaAbi, keyRegistryAbi, timelockAbi } from '@enigma/contracts'
import { EnigmaError, keyRegistryOf, networkHash } from '@enigma/protocol'
import { BaseError, getContract, type PublicClient, zeroAddress, zeroHash } from 'viem'
import type { NetworkFile } from '../network-file.ts'
import { beaconCode, beaconName, enigmaCode, registryCode, seatsCode, timelockCode, verifierCode } from './code.ts'
import { CannotRunError, type Expectation, expectedCode } from './expected-code.ts'
import { LOCAL_CHAINS } from './preflight.ts'

/** One comparison; with `fault`, what was found instead. */
export type Finding = { what: string; fault?: string }

const LEAST_DELAY_SECONDS = 7 * 86_400
/** Of the observers that the constructor announces. */
const FIRST_SERIAL = 0n
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
  return [verifyHardware(file), ...codes, ...state, ...governor]
}

/** That it is simulated is in the code; where that is no network at all, it is said first. */
function verifyHardware({ simulated, chainId }: NetworkFile): Finding {
  const isAbroad = simulated && !LOCAL_CHAINS.includes(chainId)
  return { what: 'hardware', ...(isAbroad && { fault: `it is simulated, and chain ${chainId} is not local` }) }
}

async function verifyCodes(client: PublicClient, file: NetworkFile): Promise<Finding[]> {
  const registry = keyRegistryOf(file.enigma)
  return Promise.all([
    verifyCode(client, 'DcapVerifier', { address: file.attestationVerifier, creationCode: verifierCode(file) }),
    verifyCode(client, beaconName(file), { address: file.beacon, creationCode: beaconCode(file) }),
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

async function verifyState(client: PublicClient, file: NetworkFile): Promise<Finding[]> {
  const { read } = getContract({ address: file.enigma, abi: enigmaAbi, client })
  const registry = getContract({ address: keyRegistryOf(file.enigma), abi: keyRegistryAbi, client })
  const genesisBlock = await orUndefined(read.genesisBlock())
  if (genesisBlock === undefined) return []
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
    same('genesis block', genesisBlock, file.genesisBlock),
    await verifyDeploymentBlock(client, file),
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
  const { governor, timelock, enigma, simulated } = file
  if (governor === zeroAddress) return [same('governor: nobody', 'none', timelock ? 'a timelock' : 'none')]
  if (!timelock) return simulated ? [] : [{ what: 'governor', fault: 'the file describes no timelock' }]
  const { owner, delaySeconds } = timelock
  const creationCode = timelockCode(enigma, owner, BigInt(delaySeconds))
  const found = await orUndefined(getContract({ address: governor, abi: timelockAbi, client }).read.owner())
  const isShort = delaySeconds < LEAST_DELAY_SECONDS && !simulated
  return [
    await verifyCode(client, 'Timelock', { address: governor, creationCode }),
    same('owner of the timelock', found?.toLowerCase(), owner),
    { what: 'delay of the timelock', ...(isShort && { fault: `${delaySeconds} seconds are less than 7 days` }) },
  ]
}

/** Who looks for events begins there: were it later, he would miss some. */
async function verifyDeploymentBlock(client: PublicClient, { enigma, deploymentBlock }: NetworkFile): Promise<Finding> {
  const what = 'deployment block'
  const block = BigInt(deploymentBlock)
  const events = await client.getContractEvents({
    ...{ address: enigma, abi: enigmaAbi, eventName: 'ObserversSet', strict: true, fromBlock: block, toBlock: block },
  })
  const isIt = events.some(({ args }) => args.serial === FIRST_SERIAL)
  return isIt ? { what } : { what, fault: `Enigma was not deployed in block ${deploymentBlock}` }
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
