/** Networks for tests: what one is to be, and what a file says of one. */
import { defaultPolicy } from '@enigma/attestation'
import { beaconPublicKey, bytesToHex, type Hex } from '@enigma/protocol'
import type { CompleteConfig } from '../deploy/config.ts'
import { accountOf, devAccounts } from '../localnet/accounts.ts'
import { LOCAL_PARAMETERS } from '../localnet/parameters.ts'
import type { NetworkFile } from '../network-file.ts'

const BEACON_KEY = bytesToHex(beaconPublicKey(new Uint8Array(32).fill(1)))
const MEASUREMENT: Hex = `0x${'11'.repeat(32)}`

/** A network on a local chain: one observer, a timelock of three days. */
export function localConfig(rpcUrl: string): CompleteConfig {
  const accounts = devAccounts(0)
  const addressOf = (name: string) => accountOf(accounts, name).address
  return {
    ...{ version: 1, name: 'test-network', chainId: 31_337, simulated: true, measurements: [MEASUREMENT] },
    beaconKey: BEACON_KEY,
    ...{ observers: [{ address: addressOf('observer'), url: rpcUrl }], threshold: 1, depth: 0 },
    governor: { owner: addressOf('deployer'), delaySeconds: 3 * 86_400 },
    ...{ guardian: addressOf('keeper'), policy: defaultPolicy, parameters: LOCAL_PARAMETERS },
    ...{ rpcUrl, attestationUrl: rpcUrl, principalUrl: rpcUrl },
  }
}

/** The file of a local network that nobody deployed; its chain is at `url`. */
export function exampleNetworkFile(url: string): NetworkFile {
  const at = (digit: string): Hex => `0x${digit.repeat(40)}`
  return {
    ...{ version: 1, chainId: 31_337, rpcUrl: url, attestationUrl: url, principalUrl: url },
    ...{ enigma: at('1'), beacon: at('2'), attestationVerifier: at('3'), seats: at('7') },
    ...{ governor: at('8'), guardian: at('9'), beaconKey: BEACON_KEY, timelock: null },
    ...{ simulated: true, measurements: [MEASUREMENT], networkHash: `0x${'5'.repeat(64)}` },
    ...{ policy: defaultPolicy, parameters: LOCAL_PARAMETERS },
    ...{ observers: [{ address: at('6'), url }], threshold: 1, depth: 0, serial: 0 },
    ...{ genesisBlock: 3, deploymentBlock: 4, abi: 'contracts/abi', dApps: {}, accounts: devAccounts(1) },
    ...{ workers: 1, pid: 7 },
  }
}
