/**
 * Every option of a worker. `--help`, docs/running-a-node.md and the validation come from this table.
 */
import { type ConfigOf, observerOptions, options, type Table } from '@enigma/process'
import { LIMITS } from '@enigma/protocol'

export const surfaceTable = {
  dataDir: options.path({
    sentence: 'Directory of this worker alone: its journal and its sealed keys.',
    default: '.enigma/worker',
  }),
  rpcUrl: options.httpUrl({ sentence: 'JSON-RPC of an Ethereum node.' }),
  chainId: options.bigCount({ sentence: 'Chain id that this node must serve.' }),
  enigma: options.address({ sentence: 'Address of the Enigma contract.' }),
  ...observerOptions,
  attestationUrl: options.httpUrl({
    sentence:
      'Attestation service that collateral comes from when this worker hands the network secret to another; its word is verified.',
    default: 'http://127.0.0.1:8081',
  }),
  policyFile: options.program({
    sentence: 'JSON file with the policy of the contract’s verifier; - for the default policy.',
  }),
  keyTxPerHour: options.count({
    sentence: 'Most transactions an hour for the network secret: joins, grants, keys of dApps.',
    default: '120',
    least: 1,
    most: 10_000,
  }),
  operatorKey: options.privateKey({ sentence: 'Private key that pays gas and bond and owns the seat.' }),
  platform: options.choice(['simulated', 'gramine-sgx'], {
    sentence: 'What Core runs on. tdx is missing: the contract verifies no quotes of it yet.',
    default: 'simulated',
  }),
  coreProgram: options.program({
    sentence:
      'Program with Core’s frames on stdin and stdout, for a Core in an enclave; - for Core’s sources, confined.',
  }),
  platformName: options.text({ sentence: 'Name of the simulated machine that Core runs on.', default: 'machine-1' }),
  simulated: options.yesNo({ sentence: 'Whether the network runs on simulated hardware.', default: 'true' }),
  pollMs: options.milliseconds({
    sentence: 'Time between two looks at the chain.',
    default: '500',
    least: 10,
    most: 60_000,
  }),
  tasksAtOnce: options.count({
    sentence: 'Tasks that may be computed at the same time.',
    default: '4',
    least: 1,
    // A ninth execution makes Core forget the oldest.
    most: 8,
  }),
  maxGasClass: options.count({
    sentence: 'Highest gas class that is computed; class n allows 2^(16+n) gas.',
    // A task that cannot be computed within its window is refunded: a slow one must not cost its requester nothing.
    default: '10',
    most: LIMITS.gasClass,
  }),
  coreWatchdogMs: options.milliseconds({
    sentence: 'Time after which a Core that does not answer is killed.',
    // Above the slowest task of class 10: 2^26 gas of signature recovery, at 1.7 million a second.
    default: '120000',
    least: 100,
    most: 600_000,
  }),
  contractWaitMs: options.milliseconds({
    sentence: 'Time that the contract may still be missing after the start.',
    default: '30000',
    most: 3_600_000,
  }),
  tipGwei: options.count({ sentence: 'Priority fee per gas, in gwei.', default: '1', most: 10_000 }),
  maxFeeGwei: options.count({
    sentence: 'Most that a unit of gas may cost, in gwei.',
    default: '500',
    least: 1,
    most: 1_000_000,
  }),
  replaceAfterBlocks: options.count({
    sentence: 'Blocks that a transaction may wait before a dearer one replaces it.',
    default: '3',
    least: 1,
    most: 1_000,
  }),
  keepBlocks: options.count({
    sentence: 'Depth of a reorganisation that is followed, at least a task’s life; older blocks are fetched in ranges.',
    default: '128',
    least: 16,
    most: 10_000,
  }),
  rangeBlocks: options.count({
    sentence: 'Most blocks in one range of logs.',
    default: '2000',
    least: 1,
    most: 100_000,
  }),
} satisfies Table

export type SurfaceConfig = ConfigOf<typeof surfaceTable>
