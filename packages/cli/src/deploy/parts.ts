/**
 * What a network is made of, in the order of deployment, and where each part will be: at the same address on every chain, whatever was
 * sent before.
 *
 * The verifier names nobody: it is put at the address of its content, and networks of one root and policy share it, and its
 * collateral. The others name one another, and Cores name Enigma before the beacon has a key: their addresses follow from the
 * deployer's account and the network's name alone. See docs/decisions/0032-where-a-network-will-be.md.
 */
import { networkDeployerAbi } from '@enigma/contracts'
import type { Hex } from '@enigma/protocol'
import { concatHex, encodeFunctionData, getContractAddress, zeroAddress, zeroHash } from 'viem'
import { beaconCode, beaconName, deployerCode, enigmaCode, seatsCode, timelockCode, verifierCode } from './code.ts'
import type { CompleteConfig, DeployConfig } from './config.ts'

/** Puts code by CREATE2 for anyone, on nearly every chain: github.com/Arachnid/deterministic-deployment-proxy. */
export const CREATE2_DEPLOYER: Hex = '0x4e59b44847b379578588920ca78fbf26c0b4956c'

export type Part = {
  name: 'verifier' | 'deployer' | CreatedName
  /** As people call it. */
  label: string
  address: Hex
  /** With its constructor's arguments. */
  creationCode: Hex
  /** The transaction that creates it. */
  to: Hex
  data: Hex
}

type CreatedName = 'beacon' | 'timelock' | 'seats' | 'enigma'

/** Where the parts of the network will be, if `owner` deploys it. */
export function addressesOf(config: DeployConfig, owner: Hex) {
  const deployer = atContent(deployerCode(config.name, owner))
  const names = createdNames(config)
  const at = (name: CreatedName) =>
    lower(getContractAddress({ from: deployer, nonce: BigInt(names.indexOf(name) + 1) }))
  return {
    attestationVerifier: atContent(verifierCode(config)),
    deployer,
    beacon: at('beacon'),
    seats: at('seats'),
    enigma: at('enigma'),
    governor: config.governor ? at('timelock') : zeroAddress,
    guardian: config.guardian ?? zeroAddress,
  }
}

/** The parts of the network. */
export function partsOf(config: CompleteConfig, owner: Hex): Part[] {
  const addresses = addressesOf(config, owner)
  const { enigma, deployer, governor } = addresses
  const { owner: timelockOwner = zeroAddress, delaySeconds = 0 } = config.governor ?? {}
  const created = {
    beacon: { label: beaconName(config), address: addresses.beacon, creationCode: beaconCode({ ...config, enigma }) },
    timelock: {
      label: 'Timelock',
      address: governor,
      creationCode: timelockCode(enigma, timelockOwner, BigInt(delaySeconds)),
    },
    seats: { label: 'EnigmaSeats', address: addresses.seats, creationCode: seatsCode(config) },
    enigma: {
      label: 'Enigma with KeyRegistry',
      address: enigma,
      creationCode: enigmaCode({ ...config, ...addresses }),
    },
  }
  return [
    { name: 'verifier', label: 'DcapVerifier', ...putAtContent(verifierCode(config)) },
    { name: 'deployer', label: 'NetworkDeployer', ...putAtContent(deployerCode(config.name, owner)) },
    ...createdNames(config).map((name, index) => {
      const args = [BigInt(index), created[name].creationCode] as const
      const data = encodeFunctionData({ abi: networkDeployerAbi, functionName: 'create', args })
      return { name, ...created[name], to: deployer, data }
    }),
  ]
}

/** Enigma last: where it is, all that it names is too. */
function createdNames({ governor }: DeployConfig): CreatedName[] {
  return ['beacon', ...(governor ? (['timelock'] as const) : []), 'seats', 'enigma']
}

function putAtContent(creationCode: Hex) {
  const data = concatHex([zeroHash, creationCode])
  return { address: atContent(creationCode), creationCode, to: CREATE2_DEPLOYER, data }
}

function atContent(bytecode: Hex): Hex {
  return lower(getContractAddress({ opcode: 'CREATE2', from: CREATE2_DEPLOYER, salt: zeroHash, bytecode }))
}

function lower(address: string): Hex {
  return address.toLowerCase() as Hex
}
