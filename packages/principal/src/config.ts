/**
 * Every option of the Principal. `--help`, docs/running-a-node.md and the validation come from this table.
 */
import { type ConfigOf, observerOptions, options, type Table } from '@enigma/process'
import { followReorganisations } from './observer/config.ts'

export const principalTable = {
  dataDir: options.path({
    sentence: 'Directory of this Principal alone: its sealed key and its seeds.',
    default: '.enigma/principal',
  }),
  rpcUrl: options.httpUrl({ sentence: 'JSON-RPC of an Ethereum node.' }),
  chainId: options.bigCount({ sentence: 'Chain id that this node must serve.' }),
  enigma: options.address({ sentence: 'Address of the Enigma contract; it may be deployed later.' }),
  operatorKey: options.privateKey({ sentence: 'Private key of the account that pays for posting seeds.' }),
  host: options.text({ sentence: 'Address to listen on.', default: '127.0.0.1' }),
  port: options.count({ sentence: 'Port to listen on; 0 takes a free one.', default: '8082', most: 65_535 }),
  platform: options.choice(['simulated', 'gramine-sgx'], {
    sentence: 'What Core runs on. tdx is missing: it seals no keys.',
    default: 'simulated',
  }),
  coreProgram: options.program({
    sentence:
      'Program with Core’s frames on stdin and stdout, for a Core in an enclave; - for Core’s sources, confined.',
  }),
  platformName: options.text({ sentence: 'Name of the simulated machine that Core runs on.', default: 'principal-1' }),
  simulated: options.yesNo({ sentence: 'Whether the network runs on simulated hardware.', default: 'true' }),
  ...observerOptions,
  observerUrls: options.httpUrls({
    sentence: 'Where the other observers, or mirrors of theirs, answer, with commas between; - for none.',
    default: '-',
  }),
  observerKey: options.optionalKey({
    sentence: 'Private key with which this process serves as an observer too; - for none.',
  }),
  followReorganisations,
  pollMs: options.milliseconds({
    sentence: 'Time between two looks at the chain.',
    default: '500',
    least: 10,
    most: 60_000,
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
} satisfies Table

export type PrincipalConfig = ConfigOf<typeof principalTable>
