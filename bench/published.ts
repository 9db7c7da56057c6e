/**
 * What the same steps cost in the systems before us. Where no figure was published, their contracts were compiled as they
 * published them and run on Osaka's rules; each source says which.
 */
import type { Figure } from './figure.ts'

const FIRST_CONTRACT =
  'github.com/scrtlabs/enigma-contract-deprecated, v0.1.1 (July 2018), compiled with solc 0.4.24, run on Osaka, 11 workers'
const SECOND_CONTRACT =
  'github.com/scrtlabs/enigma-contract, v0.3.0 (October 2019), compiled with solc 0.5.10, run on Osaka, 11 workers'
const SECRET_PATH =
  'github.com/SecretFoundation/SecretPath (December 2024), TNLS-Gateways/public-gateway/src/Gateway.sol, compiled with via-IR and 10,000 runs, behind an ERC-1967 proxy, 256 bytes of payload, 32 of result'
const functionsAt = (commit: string) =>
  `github.com/smartcontractkit/chainlink, contracts/gas-snapshots/functions.gas-snapshot at ${commit}: published, the gas of a Foundry test and not of a transaction`

type Published = [name: string, gas: number, source: string, bound?: string]

const PUBLISHED: Published[] = [
  ['Enigma v0.1.1: compute', 234_000, FIRST_CONTRACT, 'Without arguments, which it stores: 976,000 with 1,024 bytes.'],
  ['Enigma v0.1.1: commitResults', 403_000, FIRST_CONTRACT, 'The callback is commented out.'],
  ['Enigma v0.1.1: register', 2_130_000, FIRST_CONTRACT, 'It stores the report, 2.8 kB.'],
  ['Enigma v0.1.1: setWorkersParams', 585_000, FIRST_CONTRACT, '26,300,000 with 1,000 workers.'],
  ['Enigma v0.3.0: createTaskRecord', 248_500, SECOND_CONTRACT, '1,960,000 with 400 workers.'],
  ['Enigma v0.3.0: commitReceipt, updates a slot', 424_000, SECOND_CONTRACT, '2,390,000 with 400 workers.'],
  ['Enigma v0.3.0: setWorkersParams', 2_430_000, SECOND_CONTRACT, '27,300,000 with 100 workers.'],
  ['SecretPath: send', 90_416, SECRET_PATH],
  ['SecretPath: postExecution, updates a slot', 54_437, SECRET_PATH],
  ['SecretPath: postExecution, writes a new slot', 71_537, SECRET_PATH],
  ['Chainlink Functions: sendRequest, least', 157_578, functionsAt('0115880')],
  ['Chainlink Functions: fulfill, least', 203_029, functionsAt('641cd7a')],
]

/** Of a task's whole life, from asking to the end of a callback that updates a slot; `ours` is the request to compare it with. */
export const LIVES = [
  {
    whose: 'original v0.3.0',
    gas: 248_500 + 424_000,
    ours: 'requestTask, recycled slot',
    bound: 'with 11 workers, and it grows with them',
  },
  {
    whose: 'SecretPath',
    gas: 90_416 + 54_437,
    ours: 'requestTask, recycled slot, 512 bytes of inputs',
    bound: 'with 256 bytes of inputs, of which ours has 512',
  },
  {
    whose: 'Chainlink Functions',
    gas: 157_578 + 203_029,
    ours: 'requestTask, recycled slot, 512 bytes of inputs',
    bound: 'the least of each',
  },
]

export function publishedFigures(): Figure[] {
  return PUBLISHED.map(([name, value, source, bound]) => {
    return { name, value, unit: 'gas', target: null, better: 'lower', ...(bound ? { bound } : {}), source }
  })
}
