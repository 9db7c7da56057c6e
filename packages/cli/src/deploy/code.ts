/** The creation code of each contract, with its constructor's arguments: this program's own copy of what a network is made of. */
import { type Policy, policyHash, policyOnChain, trustRoots } from '@enigma/attestation'
import {
  blsBeaconAbi,
  blsBeaconBytecode,
  dcapVerifierAbi,
  dcapVerifierBytecode,
  drandBeaconAbi,
  drandBeaconBytecode,
  enigmaAbi,
  enigmaBytecode,
  enigmaSeatsAbi,
  enigmaSeatsBytecode,
  keyRegistryAbi,
  keyRegistryBytecode,
  networkDeployerAbi,
  networkDeployerBytecode,
  timelockAbi,
  timelockBytecode,
} from '@enigma/contracts'
import { bytesToHex, domainSeparator, enigmaDomain, type Hex, keccak256, utf8 } from '@enigma/protocol'
import { encodeDeployData } from 'viem'
import type { NetworkFile } from '../network-file.ts'

type Observers = Pick<NetworkFile, 'observers' | 'threshold' | 'depth'>

/** What Enigma's constructor takes. */
export type EnigmaFacts = Observers &
  Pick<NetworkFile, 'seats' | 'beacon' | 'attestationVerifier' | 'measurements' | 'governor' | 'guardian'>

export function verifierCode({ simulated, policy }: { simulated: boolean; policy: Policy }): Hex {
  const { certificate } = simulated ? trustRoots.simulated : trustRoots.intel
  return encodeDeployData({
    abi: dcapVerifierAbi,
    bytecode: dcapVerifierBytecode,
    args: [bytesToHex(certificate), policyOnChain(policy), simulated],
  })
}

/** Of the networks that `owner` deploys, the one of this name. */
export function deployerCode(name: string, owner: Hex): Hex {
  return encodeDeployData({
    abi: networkDeployerAbi,
    bytecode: networkDeployerBytecode,
    args: [owner, keccak256(utf8(name))],
  })
}

export function beaconName({ drand }: Pick<NetworkFile, 'drand'>): string {
  return drand ? 'DrandBeacon' : 'BlsBeacon'
}

export function beaconCode({ enigma, beaconKey, drand }: Pick<NetworkFile, 'enigma' | 'beaconKey' | 'drand'>): Hex {
  if (!drand) return encodeDeployData({ abi: blsBeaconAbi, bytecode: blsBeaconBytecode, args: [enigma, beaconKey] })
  return encodeDeployData({
    abi: drandBeaconAbi,
    bytecode: drandBeaconBytecode,
    args: [enigma, beaconKey, BigInt(drand.genesisTime), drand.periodSeconds, drand.delaySeconds],
  })
}

export function timelockCode(enigma: Hex, owner: Hex, delaySeconds: bigint): Hex {
  return encodeDeployData({ abi: timelockAbi, bytecode: timelockBytecode, args: [enigma, owner, delaySeconds] })
}

export function seatsCode({ parameters, simulated }: Pick<NetworkFile, 'parameters' | 'simulated'>): Hex {
  return encodeDeployData({ abi: enigmaSeatsAbi, bytecode: enigmaSeatsBytecode, args: [parameters, simulated] })
}

export function enigmaCode(facts: EnigmaFacts): Hex {
  const { seats, beacon, attestationVerifier, measurements, governor, guardian } = facts
  return encodeDeployData({
    abi: enigmaAbi,
    bytecode: enigmaBytecode,
    args: [seats, observationOf(facts), beacon, attestationVerifier, measurements, { governor, guardian }],
  })
}

/** Enigma creates it. */
export function registryCode(
  file: Pick<NetworkFile, 'chainId' | 'enigma' | 'governor' | 'guardian' | 'networkHash' | 'policy'>,
): Hex {
  const { chainId, enigma, governor, guardian, policy } = file
  const domain = domainSeparator(enigmaDomain({ chainId: BigInt(chainId), enigma }))
  return encodeDeployData({
    abi: keyRegistryAbi,
    bytecode: keyRegistryBytecode,
    args: [{ governor, guardian }, file.networkHash, domain, policyHash(policy)],
  })
}

/** The contract takes observers sorted. */
function observationOf({ observers, threshold, depth }: Observers) {
  return { observers: observers.map(({ address }) => address).sort(), threshold, depth }
}
